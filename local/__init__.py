"""The local stack: the whole application on one machine. Development only; functions/ and layers/ never import it."""
