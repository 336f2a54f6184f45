"""One OpenAPI document of every public route, made from the handlers: what they take and give, how they say no, and the
words of their files. The template says which routes there are; nothing else has to be told of a new one."""
