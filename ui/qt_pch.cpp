// An empty file: what is compiled with it is the precompiled header.
