// Light, dark, or what the system says.
const storageKey = "voorpoort.theme";
export const themes = ["auto", "light", "dark"];

export const theme = () => localStorage.getItem(storageKey) ?? "auto";

export function startTheme() {
	apply(theme());
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
}

export function chooseTheme(wanted) {
	localStorage.setItem(storageKey, wanted);
	apply(wanted);
	tell();
}

function apply(wanted) {
	if (wanted === "light" || wanted === "dark") document.documentElement.dataset.theme = wanted;
	else delete document.documentElement.dataset.theme;
}

// Plots are painted, so they must be painted anew.
function tell() {
	document.dispatchEvent(new Event("themechange"));
}
