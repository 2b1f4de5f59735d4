"""The guest's side: the scripts that configure it, how they are rendered, how their answer is read."""
