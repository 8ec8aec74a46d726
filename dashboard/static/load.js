// Loading something for a view, again when its path changes.
import { useState, useEffect, useCallback, useRef } from "./view.js";
import { call } from "./api.js";

// useLoad gives {body, etag, problem, loading, again}. What was there stays
// until the new is there. A null path loads nothing.
export function useLoad(path) {
	const [state, set] = useState({ body: null, etag: "", problem: null, loading: true });
	const running = useRef(null);
	const again = useCallback(async () => {
		running.current?.abort();
		if (path === null) return;
		const controller = new AbortController();
		running.current = controller;
		set((before) => ({ ...before, loading: true }));
		try {
			const { body, etag } = await call("GET", path, { signal: controller.signal });
			set({ body, etag, problem: null, loading: false, path });
		} catch (problem) {
			if (problem.name !== "AbortError") set((before) => ({ ...before, problem, loading: false }));
		}
	}, [path]);
	useEffect(() => {
		again();
		return () => running.current?.abort();
	}, [again]);
	return { ...state, again };
}

// useInterval calls back as long as the view is there and the tab is seen.
export function useInterval(callback, milliseconds) {
	const latest = useRef(callback);
	latest.current = callback;
	useEffect(() => {
		const timer = setInterval(() => document.hidden || latest.current(), milliseconds);
		return () => clearInterval(timer);
	}, [milliseconds]);
}

// useThrottled calls back at most once in a time, and once more after the last.
export function useThrottled(callback, milliseconds) {
	const latest = useRef(callback);
	const timer = useRef(0);
	latest.current = callback;
	useEffect(() => () => clearTimeout(timer.current), []);
	return useCallback(() => {
		timer.current ||= setTimeout(() => {
			timer.current = 0;
			latest.current();
		}, milliseconds);
	}, [milliseconds]);
}
