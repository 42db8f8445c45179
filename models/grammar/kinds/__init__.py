"""The kinds of value, one file each: a new kind is one class in a new file, and the constant that fields name it by."""
