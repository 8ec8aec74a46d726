// The token of this tab. It is kept until the tab is closed, in this tab only,
// and goes nowhere but into the header Authorization of calls to this gateway.
const storageKey = "voorpoort.token";

export const token = () => sessionStorage.getItem(storageKey) ?? "";
export const keepToken = (value) => sessionStorage.setItem(storageKey, value);
export const forgetToken = () => sessionStorage.removeItem(storageKey);

export function authorization() {
	return token() ? { Authorization: `Bearer ${token()}` } : {};
}
