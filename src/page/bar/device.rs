//! Which device does the work, and the choice of another.

use crate::page::conductor::Conductor;
use crate::page::state::Part;
use crate::page::strings::words;
use crate::page::widgets::Menu;
use crate::protocol::{DeviceInfo, DeviceKind, DevicePreference};
use leptos::prelude::*;

/// The device's name as a button; below it the choice.
#[component]
pub fn DeviceMenu(conductor: Conductor) -> impl IntoView {
    let words = &words().bar;
    let store = conductor.store;
    let device = store.memo(Part::Device, |state| state.device.clone());
    let name = move || device.with(|device| device.as_ref().map_or_else(|| words.device_opening.to_owned(), name_of));
    let kind = move || {
        device.with(|device| match device.as_ref().map(|device| device.kind) {
            Some(DeviceKind::WebGpu) => "webgpu",
            Some(DeviceKind::Cpu) => "cpu",
            None => "none",
        })
    };
    let label = view! {
        <span class="dot" data-device=kind aria-hidden="true"></span>
        <span class="device-name" data-testid="device-name" data-device=kind>{name}</span>
    };
    let why = move || {
        device.with(|device| {
            let device = device.as_ref()?;
            let fallback = device.fallback.as_ref().map(|fault| (crate::page::strings::words().faults.sentence)(fault.code));
            fallback.or(device.software.then_some(words.device_software))
        })
    };
    let choice = move |preference: DevicePreference, testid: &'static str, name: &'static str, help: &'static str| {
        view! {
            <label class="option">
                <input
                    type="radio"
                    name="device"
                    data-testid=testid
                    prop:checked=move || conductor.settings.device.get() == preference
                    on:change=move |_| conductor.choose_device(preference)
                />
                <span>{name} <small>{help}</small></span>
            </label>
        }
    };
    view! {
        <Menu label hint=words.device testid="device-menu" class="device">
            <fieldset class="options">
                <legend>{words.device}</legend>
                {choice(DevicePreference::Auto, "device-auto", words.device_auto, words.device_auto_help)}
                {choice(DevicePreference::WebGpu, "device-webgpu", words.device_webgpu, words.device_webgpu_help)}
                {choice(DevicePreference::Cpu, "device-cpu", words.device_cpu, words.device_cpu_help)}
            </fieldset>
            <p class="mild" data-testid="device-why" hidden=move || why().is_none()>{why}</p>
        </Menu>
    }
}

/// The kind, and the name where the browser tells it.
fn name_of(device: &DeviceInfo) -> String {
    let words = &words().bar;
    match (device.kind, device.name.trim()) {
        (DeviceKind::WebGpu, "") => format!("WebGPU · {}", words.graphics_card),
        (DeviceKind::WebGpu, name) => format!("WebGPU · {name}"),
        (DeviceKind::Cpu, _) => format!("CPU · {}", words.processor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_name_is_replaced_by_words() {
        let mut device = DeviceInfo { kind: DeviceKind::WebGpu, name: " ".into(), software: false, fallback: None };
        assert_eq!(name_of(&device), "WebGPU · your graphics card");
        device.name = "apple m2".into();
        assert_eq!(name_of(&device), "WebGPU · apple m2");
        device.kind = DeviceKind::Cpu;
        assert_eq!(name_of(&device), "CPU · your processor");
    }
}
