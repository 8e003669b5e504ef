// The style sheet of the report: colours by role, for light and dark.

export const CSS = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #e3e6eb; --text: #1a1d23; --soft: #5c6470; --faint: #c3c9d2;
  --thread: #6746e6; --process: #e0760b; --peer: #9aa4b2; --raw: #5b6675; --python: #c2a02e;
  --deno: #2f7de1; --bun: #e25c94; --node: #4b9a44; --node22: #8bbb57; --good: #1e8a4c; --bad: #c93535;
  --good-back: #e4f5ea; --bad-back: #fbe7e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1a1e25; --line: #2b313b; --text: #e9ecf1; --soft: #9ba5b3; --faint: #454d5a;
    --thread: #9a82ff; --process: #f5993d; --peer: #66707f; --raw: #a3aebd; --python: #d9b94a;
    --deno: #5a9ff2; --bun: #f282b0; --node: #6cbd63; --node22: #a6d178; --good: #5fd08f; --bad: #f17c7c;
    --good-back: #16331f; --bad-back: #3d1d1f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 48px 24px 80px; }
h1 { font-size: 34px; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.02em; }
h2 { font-size: 24px; margin: 64px 0 4px; letter-spacing: -0.01em; }
h3 { font-size: 17px; margin: 0; }
p { margin: 0; }
a { color: var(--thread); }
.lead { color: var(--soft); max-width: 78ch; }
.origin { color: var(--soft); font-size: 13px; margin-top: 14px; }
.warning { color: var(--bad); font-size: 13px; margin-top: 6px; }
.origin b { color: var(--text); font-weight: 600; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 16px; margin-top: 18px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; min-width: 0; }
.card svg { display: block; max-width: 100%; height: auto; }
.card h4 { font-size: 14px; margin: 0 0 12px; display: flex; align-items: center; gap: 8px; font-weight: 600; }
.card > p { color: var(--soft); font-size: 13.5px; margin-top: 12px; }
.dotted::before { content: ""; width: 10px; height: 10px; border-radius: 50%; background: var(--tone); flex: none; }
.choice { font-size: 28px; font-weight: 700; letter-spacing: -0.02em; color: var(--tone); line-height: 1.2; }
.block { margin-top: 32px; }
.block > header { display: flex; align-items: baseline; gap: 12px; flex-wrap: wrap; }
.hint { color: var(--soft); font-size: 13px; font-weight: 400; white-space: nowrap; }
.finding { margin-top: 14px; max-width: 92ch; padding-left: 14px; border-left: 3px solid var(--tone, var(--faint)); }
.legend { display: flex; flex-wrap: wrap; gap: 18px; font-size: 13px; color: var(--soft); margin-top: 12px; }
.legend span { display: flex; align-items: center; gap: 7px; }
.legend i { width: 14px; height: 10px; border-radius: 3px; background: var(--tone); }
.legend i.raw { background: none; border: 1.5px solid var(--raw); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
.scroll { overflow-x: auto; padding: 6px 20px; margin-top: 18px; }
th, td { text-align: left; padding: 10px 14px 10px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 600; font-size: 13px; }
.pill { display: inline-block; border-radius: 99px; padding: 1px 10px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.pill.good { color: var(--good); background: var(--good-back); }
.pill.bad { color: var(--bad); background: var(--bad-back); }
td small { color: var(--soft); margin-left: 6px; }
code { font: 0.92em ui-monospace, "DejaVu Sans Mono", monospace; }
svg text { font: 12.5px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--text); dominant-baseline: central; font-variant-numeric: tabular-nums; }
svg .label { fill: var(--soft); }
svg .heading { font-weight: 600; font-size: 13px; }
svg .strong { font-weight: 700; fill: var(--text); }
svg .tick { fill: var(--soft); font-size: 11.5px; }
svg .trouble { fill: var(--bad); font-weight: 600; }
svg .nothing { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 3 5; opacity: 0.45; }
svg .cut { stroke: var(--card); stroke-width: 2.5; fill: none; }
svg .lost { opacity: 0.45; }
svg .grid { stroke: var(--line); }
svg .rule { stroke: var(--soft); stroke-dasharray: 4 4; }
svg .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke: var(--tone); }
svg .bar, svg .dot { fill: var(--tone); }
svg .mark { fill: var(--card); stroke: var(--tone); stroke-width: 2.5; }
svg .raw.bar { fill: none; stroke: var(--raw); stroke-width: 1.5; }
.thread { --tone: var(--thread); } .process { --tone: var(--process); } .peer { --tone: var(--peer); }
.raw { --tone: var(--raw); } .python { --tone: var(--python); } .deno { --tone: var(--deno); }
.bun { --tone: var(--bun); } .node { --tone: var(--node); } .node22 { --tone: var(--node22); } .either { --tone: var(--soft); }
@media print { body { background: #fff; } .card, .block { break-inside: avoid; } }
`;
