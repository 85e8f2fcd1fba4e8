// The HTML report in a real browser: for eyes in light and dark, for keyboards, screen readers and paper.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Browser, Page } from "playwright-core";
import { html } from "../../scaling-test/report/html";
import { describeInBrowser } from "../support/browser";
import { failedReport, passedReport } from "./reports";

const AXE = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");
const REPORTS = { passed: passedReport(), failed: failedReport() };
type Which = keyof typeof REPORTS;

interface Violations {
  violations: { id: string; nodes: { html: string }[] }[];
}

describeInBrowser("the report's page", (launch) => {
  const folder = mkdtempSync(path.join(tmpdir(), "report-page-"));
  let browser: Browser;

  beforeAll(async () => {
    for (const which of ["passed", "failed"] as const)
      writeFileSync(path.join(folder, `${which}.html`), html(REPORTS[which]));
    browser = await launch();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** A page whose policy may be bypassed, as a test's own script needs. */
  async function open(which: Which, options: Parameters<Browser["newPage"]>[0] = {}) {
    const page = await browser.newPage({ bypassCSP: true, ...options });
    await page.goto(`file://${folder}/${which}.html`);
    return page;
  }

  const run = <T>(page: Page, script: string) => page.evaluate<T>(script);

  test.each([
    ["passed", "light"],
    ["passed", "dark"],
    ["failed", "light"],
    ["failed", "dark"],
  ] as const)(
    "axe finds nothing wrong with a test that has %s, %s",
    async (which, colorScheme) => {
      const page = await open(which, { colorScheme });
      await run(page, `document.querySelectorAll("details").forEach((item) => (item.open = true))`);
      await run(page, AXE);
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const { violations } = await run<Violations>(
        page,
        `axe.run({ runOnly: ${JSON.stringify(tags)} })`,
      );
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      await page.close();
    },
    60_000,
  );

  test("light and dark differ as the reader has set it", async () => {
    const colours: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await open("passed", { colorScheme });
      colours.push(await run(page, `getComputedStyle(document.body).backgroundColor`));
      await page.close();
    }
    expect(colours).toEqual(["rgb(246, 248, 251)", "rgb(14, 20, 27)"]);
  });

  test("it asks for nothing but itself, and runs no script", async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`file://${folder}/failed.html`);
    expect(asked).toEqual([`file://${folder}/failed.html`]);
    expect(await page.locator("script").count()).toBe(0);
    expect(await page.locator(".problems li").first().textContent()).toContain("<script>");
    await page.close();
  });

  test("screen readers find landmarks, headings in order, and a table for each plot", async () => {
    const page = await open("passed");
    const landmarks = await run<string[]>(
      page,
      `[...document.body.querySelectorAll("header, nav, main, footer")].map((item) => item.tagName)`,
    );
    expect(landmarks).toEqual(["HEADER", "NAV", "MAIN", "FOOTER"]);
    const headings = await run<string[]>(
      page,
      `[...document.querySelectorAll("h1, h2")].map((item) => item.tagName + " " + item.textContent)`,
    );
    expect(headings).toEqual([
      "H1 From zero and back: 0 → 3 → 0 → 1 → 0",
      "H2 Figures",
      "H2 Round 1: 0 → 3 → 0",
      "H2 Round 2: 0 → 1 → 0",
      "H2 Counts over time",
      "H2 VM-hours saved",
      "H2 Evidence",
    ]);
    const images = await page.getByRole("img").all();
    const names = await Promise.all(
      images.map((image) => image.evaluate((item) => item.textContent + (item.ariaLabel ?? ""))),
    );
    expect(names.filter((name) => !/table/.test(name))).toEqual([]);
    const rows = await run<string[]>(
      page,
      `[...document.querySelectorAll("details tbody tr")].map((row) => row.innerText || row.textContent)`,
    );
    expect(rows).toHaveLength(REPORTS.passed.samples.length);
    await page.close();
  });

  test("a keyboard goes through it in the order of reading", async () => {
    const page = await open("passed");
    const focused = () =>
      run<string>(
        page,
        `document.activeElement.getAttribute("href") ?? document.activeElement.ariaLabel ?? document.activeElement.textContent`,
      );
    const order: string[] = [];
    for (let step = 0; step < 8; step++) {
      await page.keyboard.press("Tab");
      order.push(await focused());
    }
    expect(order).toEqual([
      "#content",
      "#figures",
      "#round-1",
      "#round-2",
      "#counts",
      "#savings",
      "#evidence",
      "Phases of round 1 with their budgets",
    ]);
    await page.locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("details").getAttribute("open")).toBe("");
    await page.close();
  });

  test("nothing moves for those who do not want it, and all of it comes on paper", async () => {
    const still = await open("passed", { reducedMotion: "reduce" });
    const behaviour = `getComputedStyle(document.documentElement).scrollBehavior`;
    expect(await run(still, behaviour)).toBe("auto");
    await still.close();
    const page = await open("passed", { reducedMotion: "no-preference", colorScheme: "dark" });
    expect(await run(page, behaviour)).toBe("smooth");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await run(page, `getComputedStyle(document.body).backgroundColor`)).toBe(
      "rgb(255, 255, 255)",
    );
    expect(await page.locator("nav").isVisible()).toBe(false);
    expect(await page.locator("details table").isVisible()).toBe(true);
    await page.close();
  });

  test("a narrow screen is not scrolled sideways", async () => {
    const page = await open("passed", { viewport: { width: 320, height: 640 } });
    const widths = await run(page, `[document.documentElement.scrollWidth, window.innerWidth]`);
    expect(widths).toEqual([320, 320]);
    await page.close();
  });
});
