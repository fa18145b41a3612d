import sys

sys.dont_write_bytecode = True  # nothing is left in the checkout
