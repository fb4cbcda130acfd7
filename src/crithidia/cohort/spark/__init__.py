"""A cohort on a Spark cluster: the circuit that Arrow runs, carried to the workers and run there.

The driver compiles (``frames``) and packs its own code and knowledge (``cargo``); a worker unpacks them in
memory (``unload``) and does the work over Arrow batches (``work``). ``folder`` reads files and writes a
folder; ``said`` finds in Spark's errors what went wrong.
"""
