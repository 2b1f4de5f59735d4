"""Where each behaviour of the local cloud is known from: a page, a model, what was run, or nowhere."""
