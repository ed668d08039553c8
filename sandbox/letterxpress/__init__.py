"""A stand-in of LetterXpress: letters are ordered over HTTP, printed by the clock, and lie in a folder to be read."""
