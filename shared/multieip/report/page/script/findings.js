// Findings with what mends them, in the form that was chosen last.
const FORMS = ["cli", "console", "terraform"];
let form = 0;

function formButtons(redraw) {
  return h("div", {class: "seg", role: "group", "aria-label": T("findings")}, FORMS.map((name, at) =>
    h("button", {type: "button", class: "btn", "data-form": at, "aria-pressed": String(at === form),
      onclick: () => { form = at; redraw(); }}, T(name))));
}

const ruleLink = (rule) => h("a", {href: `${data.rulesUrl}${rule}.md`}, h("code", null, rule));
const sinceWords = (change, since) =>
  (change === "new" || change === "first" || !since ? h("b", {class: "new"}, T(change || "new")) : T("since", {day: dayOf(since)}));

// A command breaks between its words only, and is copied as it is.
const command = (words) => words.split(/(\s+)/).map((word, at) => (at % 2 ? word : h("span", {class: "w"}, word)));

function findingEntry(finding) {
  const status = finding.st === "unknown" ? "unknown" : finding.sev === "warning" ? "warning" : "fail";
  return h("div", {class: "fd"}, glyph(status), h("div", null,
    h("p", null, h("span", {class: "t"}, titleOf(finding.rule)), " ", ruleLink(finding.rule),
      " · ", T(finding.st === "unknown" ? "unknown" : finding.sev === "warning" ? "mild" : "error"), " · ", sinceWords(finding.ch, finding.since)),
    finding.also ? h("p", {class: "s m"}, `${T("also")} `, separated(finding.also.map(ruleLink))) : "",
    h("p", {lang: "en"}, finding.msg),
    h("p", {class: "s m", lang: "en"}, data.rules[finding.rule][1]),
    h("div", {class: "cmd"}, h("pre", null, command(finding.cmd[form])), copyButton(() => finding.cmd[form]))));
}

function findingsPart(group, redraw) {
  const exempt = group.exempt.map(({rule, message, by}) => h("div", {class: "fd"}, glyph("exempt"),
    h("div", null, h("p", null, h("span", {class: "t"}, titleOf(rule)), " ", ruleLink(rule), ` · ${T("exempt")} · `, h("code", null, by.join(", "))),
      h("p", {lang: "en"}, message))));
  if (!group.findings.length && !exempt.length) return "";
  return h("div", null,
    h("div", {class: "dl"}, h("h4", null, T("findings")), group.findings.length ? formButtons(redraw) : ""),
    group.findings.map(findingEntry), exempt);
}
