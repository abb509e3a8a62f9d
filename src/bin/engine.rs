//! The worker's module: registers what burn needs registered, then runs the engine.

#[cfg(target_arch = "wasm32")]
unsafe extern "C" {
    fn __wasm_call_ctors();
}

#[cfg(target_arch = "wasm32")]
fn main() {
    // SAFETY: the linker's list of constructors, called exactly once, before anything that needs them. Without this reference the linker would
    // wrap every export in a call of its own, thousands of constructors each time; without the call burn knows no operations.
    unsafe { __wasm_call_ctors() };
    // The module may also be loaded to be measured (`engine::bench`), where no page talks to it.
    let in_worker = js_sys::Reflect::has(&js_sys::global(), &"WorkerGlobalScope".into()).unwrap_or(false);
    if in_worker && let Err(error) = attune::engine::worker::run() {
        wasm_bindgen::throw_val(error);
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This is the worker of the page: build it for wasm32-unknown-unknown.");
}
