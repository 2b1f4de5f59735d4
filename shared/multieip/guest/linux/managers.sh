# managers
