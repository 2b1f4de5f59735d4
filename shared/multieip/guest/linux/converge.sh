# converge
