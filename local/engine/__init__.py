"""The embedded AWS: started, corrected, deployed to and read."""
