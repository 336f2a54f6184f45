// Each operation is shown once, because its description lists the other spellings of its path.
(async () => {
  const spec = await (await fetch("openapi.json")).json();
  const [summary] = spec.info.description.split("\n\n");
  spec.info.description = summary + "\n\nThis page is made from [openapi.json](openapi.json).";
  delete spec.servers;
  for (const item of Object.values(spec.paths))
    for (const [method, operation] of Object.entries(item))
      if (operation["x-spelling-of"]) delete item[method];
  const look = { layout: "BaseLayout", defaultModelsExpandDepth: -1, deepLinking: true, displayRequestDuration: true };
  SwaggerUIBundle({ spec, dom_id: "#page", validatorUrl: null, ...look });
})();
