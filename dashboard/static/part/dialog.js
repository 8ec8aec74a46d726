// A question in front of the page. The browser's own dialog keeps the focus in
// it, closes with Escape, and gives the focus back.
import { html, useEffect, useRef, useId } from "../view.js";
import { t } from "../language.js";

export function Dialog({ title, onClose, children, actions }) {
	const box = useRef(null);
	const id = useId();
	useEffect(() => {
		const before = document.activeElement;
		box.current.showModal();
		return () => before?.focus?.();
	}, []);
	return html`
		<dialog ref=${box} aria-labelledby=${id} onCancel=${(e) => { e.preventDefault(); onClose(); }}>
			<article>
				<h2 id=${id}>${title}</h2>
				${children}
				<footer>
					<button type="button" class="secondary outline" onClick=${onClose}>${t("cancel")}</button>
					${actions}
				</footer>
			</article>
		</dialog>`;
}
