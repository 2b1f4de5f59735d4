"""`make demo`: the main job told on a terminal, on a local cloud, with nothing fired by hand."""
