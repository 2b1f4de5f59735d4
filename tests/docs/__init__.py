"""The pages that people follow, followed; and the two languages beside each other."""
