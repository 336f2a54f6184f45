"""The one-machine stack. Development only: never packaged, never imported by functions/ or layers/."""
