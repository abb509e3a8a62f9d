//! One flag for the linker: it leaves its relocations in the page's module, from which `cargo xtask build` tells what belongs to which half when it cuts
//! the module in two. Given here rather than to all of cargo, so that nothing else is compiled anew for it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let for_page = std::env::var_os("CARGO_FEATURE_PAGE").is_some();
    if for_page && std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo::rustc-link-arg-bin=attune=--emit-relocs");
    }
}
