"""The memory: the only room that speaks SQL. What is not written down here has not happened."""
