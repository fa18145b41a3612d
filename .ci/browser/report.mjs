// Opens report.html in a real Chromium and checks what a reader relies on.
//
//   node report.mjs out/quick/report.html [folder for screenshots]
//
// CHROMIUM is the browser; /usr/bin/chromium by default.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const report = resolve(process.argv[2]);
const shots = process.argv[3];
const address = pathToFileURL(report).href;
const profile = mkdtempSync(join(tmpdir(), "spurion-browser-"));
let failures = 0;
let checks = 0;

function check(ok, text) {
  checks++;
  if (!ok) {
    failures++;
    console.error(`FAIL ${text}`);
  }
}

// The browser starts as root in containers, without a sandbox; it may not fetch anything of its own.
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
  viewport: { width: 1200, height: 900 },
});

// open loads the page; whatever it asks for beyond itself and data: is a failure, and so is any message.
async function open(width, scheme) {
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: scheme });
  page.on("console", (m) => check(false, `${scheme} at ${width}: the console says: ${m.text()}`));
  page.on("pageerror", (e) => check(false, `${scheme} at ${width}: ${e.message}`));
  page.on("request", (r) => check(r.url() === address || r.url().startsWith("data:"), `it requests ${r.url()}`));
  await page.goto(address, { waitUntil: "load" });
  return page;
}

// inside runs in the page: what is wrong with it, as texts.
function inside() {
  const wrong = [];
  const visible = (e) => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; };
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  const figures = document.querySelectorAll("figure");
  figures.forEach((f) => {
    const drawing = f.querySelector(".drawing svg, .drawing img");
    if (!drawing || !visible(drawing)) wrong.push(`${f.id} shows nothing`);
    else if (drawing.tagName === "IMG" && drawing.src.startsWith("data:image/svg")) wrong.push(`${f.id} does not take on the page's colors`);
    else if (drawing.tagName === "IMG" && drawing.naturalWidth === 0) wrong.push(`${f.id} is a broken image`);
    else if (drawing.tagName === "svg") {
      for (const [what, least] of [["path", 8], ["text", 5]])
        if ([...drawing.querySelectorAll(what)].filter((e) => e.getBBox().width + e.getBBox().height > 0).length < least)
          wrong.push(`${f.id} has hardly any ${what}`);
      const outer = drawing.getBoundingClientRect();
      for (const t of drawing.querySelectorAll("text")) {
        const b = t.getBoundingClientRect();
        if (b.left < outer.left - 1 || b.right > outer.right + 1 || b.top < outer.top - 1 || b.bottom > outer.bottom + 1)
          wrong.push(`${f.id}: the text "${t.textContent}" is cut off`);
      }
    }
  });
  for (const a of document.querySelectorAll("a[href^='#']"))
    if (!document.getElementById(a.getAttribute("href").slice(1))) wrong.push(`the link ${a.getAttribute("href")} leads nowhere`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => wrong.push(`the id ${id} stands twice`));
  if (document.documentElement.scrollWidth > window.innerWidth)
    wrong.push(`it is ${document.documentElement.scrollWidth} pixels wide, the window ${window.innerWidth}`);
  return {
    wrong, figures: figures.length, claims: document.querySelectorAll(".claim").length,
    files: [...document.querySelectorAll("a[href]")].map((a) => a.href).filter((h) => !h.includes("#")),
  };
}

// contrast gives the least contrast (WCAG 2) of text to what is behind it, and where.
function contrast() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (c[3] > 0) return c;
    }
    return [255, 255, 255, 1];
  };
  let least = { ratio: 99 };
  for (const e of document.querySelectorAll("h1, h2, h3, h4, p, li, td, th, a, summary, code, figcaption, .badge, .drawing text[fill='currentColor']")) {
    const svg = e.tagName === "text";
    const style = getComputedStyle(e);
    const front = rgba(svg ? style.fill : style.color);
    const back = svg ? rgba(getComputedStyle(e.ownerSVGElement.querySelector(".paper")).fill) : behind(e);
    const alpha = svg ? Number(style.fillOpacity) : 1;
    const mixed = front.map((v, i) => v * alpha + back[i] * (1 - alpha));
    const [a, b] = [light(mixed), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least.ratio) least = { ratio, text: e.textContent.slice(0, 60) };
  }
  return least;
}

try {
  for (const [width, scheme] of [[1200, "light"], [1200, "dark"], [390, "light"], [390, "dark"]]) {
    const page = await open(width, scheme);
    const found = await page.evaluate(inside);
    found.wrong.forEach((w) => check(false, `${scheme} at ${width}: ${w}`));
    check(found.figures > 0 && found.claims > 0, `there are ${found.figures} figures and ${found.claims} claims`);
    for (const file of found.files) check(existsSync(fileURLToPath(file)), `the link to ${file} leads nowhere`);
    const least = await page.evaluate(contrast);
    check(least.ratio >= 4.5, `${scheme}: a contrast of only ${least.ratio.toFixed(2)} in "${least.text}"`);
    if (width === 1200 && scheme === "light") {
      await page.click("#verdicts .verdicts td a");
      check(new URL(page.url()).hash.startsWith("#claim-"), "a verdict does not lead to its claim");
    }
    if (shots) {
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = false; }));
      await page.screenshot({ path: join(shots, `${scheme}-${width}.png`), fullPage: true });
    }
    await page.close();
  }
  const page = await open(1200, "dark");
  const pdf = await page.pdf({ format: "A4" });
  check(pdf.length > 20000, "the printed page is empty");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  check((await page.evaluate(() => getComputedStyle(document.body).color)) === "rgb(0, 0, 0)", "print is not black on white");
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${checks} checks, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
