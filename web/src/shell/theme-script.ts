export const THEME_KEY = "bizcore.theme";

/** Runs before the first paint, so that a dark screen never flashes white. */
export const THEME_SCRIPT = `(function(){var t=localStorage.getItem("${THEME_KEY}"),q=matchMedia("(prefers-color-scheme: dark)");
function set(){t=localStorage.getItem("${THEME_KEY}");document.documentElement.dataset.theme=t==="dark"||(t!=="light"&&q.matches)?"dark":"light"}
set();q.addEventListener("change",set);addEventListener("storage",set)})()`;
