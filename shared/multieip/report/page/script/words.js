// Words of what the script draws, in the language that is chosen.
const root = document.documentElement;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const chinese = () => root.lang !== "en";
const number = (value) => Number(value).toLocaleString("en-US");

function T(key, values = {}) {
  const forms = data.words[key][chinese() ? 1 : 0].split("|");
  const text = forms.length > 1 && values.n !== 1 ? forms[1] : forms[0];
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name]));
}

function dayOf(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const [month, day] = [at.getUTCMonth(), at.getUTCDate()];
  return chinese() ? `${month + 1}月${day}日` : `${day} ${MONTHS[month]}`;
}
