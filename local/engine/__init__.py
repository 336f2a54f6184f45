"""The engine: an AWS emulator (ministack) on this machine, corrections of it, deployment to it and logs from it."""
