import htmx from "htmx.org";

// Pages allow no inline script and no inline style, so htmx may use neither.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.defaultSwapDelay = 0;
htmx.config.defaultSettleDelay = 0;
htmx.config.scrollBehavior = "auto";
// An answer that refuses (409, 422) carries its reason: show it where the answer was expected.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "(409|422)", swap: true },
  { code: "[45]..", swap: false, error: true },
];

export default htmx;
