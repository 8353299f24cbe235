// Reads {pages, steps, browser} from standard input, writes what it found as JSON. See __init__.py.
"use strict";
const fs = require("fs");
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740, isMobile: true, hasTouch: true } };

async function audit(page, found, address) {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const scheme of ["light", "dark"]) {
      await page.setViewport(viewport);
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(address, { waitUntil: "load" });
      await page.evaluate(axe);
      const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], preload: false }));
      for (const one of result.violations)
        found.violations.push(`${size} ${scheme} ${address.split("/").pop()}: ${one.id} ${one.nodes[0].html.slice(0, 120)}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) found.wide.push(`${size} ${address.split("/").pop()}: ${wide} px`);
    }
  }
}

async function walk(page, found) {
  await page.setViewport(sizes.desktop);
  await page.goto(asked.pages[0], { waitUntil: "load" });
  for (const step of asked.steps) {
    if (step.do === "click") await Promise.all([page.waitForNavigation(), page.click(step.at)]);
    if (step.do === "tick") await page.click(step.at);
    if (step.do === "type") await page.type(step.at, step.text);
    if (step.do === "keys") for (const key of step.text.split(" ")) await page.keyboard.press(key);
    if (step.do === "text") found.texts.push(await page.$eval(step.at, (node) => node.innerText));
    if (step.do === "focus") found.texts.push(await page.evaluate(() => document.activeElement.innerText));
    if (step.do === "count")
      found.texts.push(await page.$$eval(step.at, (nodes) => nodes.filter((node) => node.offsetParent !== null).length));
  }
}

(async () => {
  const browser = await puppeteer.launch({ executablePath: asked.browser, args: ["--no-sandbox"] });
  const found = { violations: [], requests: [], errors: [], wide: [], texts: [] };
  const page = await browser.newPage();
  page.on("request", (one) => { if (!/^(file|data):/.test(one.url())) found.requests.push(one.url()); });
  page.on("pageerror", (error) => found.errors.push(String(error)));
  page.on("console", (line) => { if (line.type() === "error") found.errors.push(line.text()); });
  for (const address of asked.pages) await audit(page, found, address);
  await walk(page, found);
  await browser.close();
  process.stdout.write(JSON.stringify(found));
})();
