"""From facts and intent to the steps that are to be done. Pure: what is shown is what is sent."""
