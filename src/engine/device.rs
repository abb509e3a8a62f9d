//! Chooses the device when the engine runs: WebGPU where adapter, limits and a self-test are right, else the CPU.
//!
//! Out: a burn device, what to tell the page of it, and a watch over its errors. Natively the same code finds any adapter that wgpu knows.

use crate::model::ops::gpu::{Adapter, suit_adapter};
use std::sync::Arc;

use burn::tensor::Device;
use burn::tensor::wgpu::{WgpuSetup, wgpu};

use super::faults::{GpuTrouble, GpuWatch};
use super::self_test;
use crate::protocol::{DeviceInfo, DeviceKind, DevicePreference, Fault, FaultCode, NextAction};

/// Kernels that burn gathers before it hands them to the browser.
const TASKS_MAX: usize = 64;
/// What our kernels ask of an adapter; WebGPU's own minimum, which some drivers miss.
const STORAGE_BUFFERS: u32 = 8;
const WORKGROUP_BYTES: u32 = 16 * 1024;
const INVOCATIONS: u32 = 256;
/// Names by which adapters that are programs on the CPU are known.
const SOFTWARE_NAMES: &[&str] = &["swiftshader", "llvmpipe", "lavapipe", "basic render"];

/// A graphics card in use. It stays open while the engine lives: burn cannot close it.
#[derive(Clone)]
pub struct Gpu {
    device: Device,
    setup: WgpuSetup,
    pub watch: GpuWatch,
    name: String,
    software: bool,
}

impl Gpu {
    /// Ends the device, as a driver reset would.
    pub fn destroy(&self) {
        self.setup.device.destroy();
    }
}

/// The device in use.
#[derive(Clone)]
pub struct OpenDevice {
    /// Without autodiff.
    pub device: Device,
    pub info: DeviceInfo,
    pub gpu: Option<Gpu>,
    /// Largest tensor that fits, in bytes.
    pub most_tensor_bytes: u64,
}

impl OpenDevice {
    /// The CPU. `fallback` says why, where WebGPU was wanted.
    pub fn cpu(fallback: Option<Fault>) -> Self {
        let info = DeviceInfo { kind: DeviceKind::Cpu, name: String::new(), software: false, fallback };
        // An allocation in wasm cannot be larger.
        Self { device: Device::flex(), info, gpu: None, most_tensor_bytes: i32::MAX as u64 }
    }

    fn gpu(gpu: Gpu) -> Self {
        let info = DeviceInfo { kind: DeviceKind::WebGpu, name: gpu.name.clone(), software: gpu.software, fallback: None };
        let limits = gpu.setup.device.limits();
        let most_tensor_bytes = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        Self { device: gpu.device.clone(), info, gpu: Some(gpu), most_tensor_bytes }
    }

    /// What the graphics card has complained of; never anything on the CPU.
    pub fn trouble(&self) -> Option<GpuTrouble> {
        self.gpu.as_ref().and_then(|gpu| gpu.watch.trouble())
    }
}

/// The graphics card once opened, so that changing to the CPU and back does not open a second one.
#[derive(Default)]
pub struct Devices {
    gpu: Option<Gpu>,
}

impl Devices {
    /// Opens what the visitor prefers.
    ///
    /// # Errors
    /// With [`DevicePreference::WebGpu`], when there is no adapter or it is not fit. [`DevicePreference::Auto`] takes the CPU instead.
    pub async fn open(&mut self, preference: DevicePreference) -> Result<OpenDevice, Fault> {
        if preference == DevicePreference::Cpu {
            return Ok(OpenDevice::cpu(None));
        }
        let healthy = self.gpu.as_ref().filter(|gpu| gpu.watch.trouble().is_none());
        if let Some(gpu) = healthy {
            return Ok(OpenDevice::gpu(gpu.clone()));
        }
        match open_gpu().await {
            Ok(gpu) => {
                self.gpu = Some(gpu.clone());
                Ok(OpenDevice::gpu(gpu))
            }
            Err(fault) if preference == DevicePreference::Auto => Ok(OpenDevice::cpu(Some(Fault { action: NextAction::None, ..fault }))),
            Err(fault) => Err(fault),
        }
    }
}

fn no_adapter(detail: impl ToString) -> Fault {
    Fault::new(FaultCode::NoAdapter, NextAction::UseCpu, detail.to_string())
}

fn unfit(detail: impl ToString) -> Fault {
    Fault::new(FaultCode::AdapterUnfit, NextAction::UseCpu, detail.to_string())
}

async fn open_gpu() -> Result<Gpu, Fault> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let wanted = wgpu::RequestAdapterOptions { power_preference: wgpu::PowerPreference::HighPerformance, ..Default::default() };
    let adapter = instance.request_adapter(&wanted).await.map_err(no_adapter)?;
    check(&adapter.limits())?;
    if cfg!(target_arch = "wasm32") && !adapter.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
        // burn's runtime would wait for the card instead, which a browser forbids: it panics.
        return Err(unfit("the browser offers no clocks on the card (timestamp-query)"));
    }
    let (name, software) = describe(&adapter.get_info()).await;
    suit_adapter(if software { Adapter::Software } else { Adapter::GraphicsCard });
    let wanted = wgpu::DeviceDescriptor {
        // Clocks on the card, where it has any: burn takes for granted that they were asked for.
        required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
        required_limits: adapter.limits(),
        // burn allocates in large blocks itself.
        memory_hints: wgpu::MemoryHints::MemoryUsage,
        ..Default::default()
    };
    let (device, queue) = adapter.request_device(&wanted).await.map_err(unfit)?;
    let backend = adapter.get_info().backend;
    let setup = WgpuSetup { instance, adapter, device, queue, backend };
    let burn_device = Device::wgpu_options().tasks_max(TASKS_MAX).setup(setup.clone()).init().map_err(unfit)?;
    let watch = watch(&setup.device);
    let gpu = Gpu { device: burn_device, setup, watch, name, software };
    let tested = self_test::run(&gpu.device).await;
    match (gpu.watch.trouble(), tested) {
        (None, Ok(())) => Ok(gpu),
        (Some(trouble), _) => Err(unfit(format!("the self-test failed: {}", Fault::from(trouble).detail))),
        (None, Err(detail)) => Err(unfit(format!("the self-test failed: {detail}"))),
    }
}

fn check(limits: &wgpu::Limits) -> Result<(), Fault> {
    let needed = [
        ("storage buffers per stage", limits.max_storage_buffers_per_shader_stage, STORAGE_BUFFERS),
        ("bytes of workgroup storage", limits.max_compute_workgroup_storage_size, WORKGROUP_BYTES),
        ("invocations per workgroup", limits.max_compute_invocations_per_workgroup, INVOCATIONS),
    ];
    match needed.into_iter().find(|(_, has, needs)| has < needs) {
        Some((what, has, needs)) => Err(unfit(format!("{has} {what}, {needs} are needed"))),
        None => Ok(()),
    }
}

/// Installed before the first tensor operation. burn's own handler would end the worker; ours leaves it to the session.
fn watch(device: &wgpu::Device) -> GpuWatch {
    let watch = GpuWatch::default();
    let lost = watch.clone();
    device.set_device_lost_callback(move |reason, message| lost.note(GpuTrouble::Lost(format!("{reason:?}: {message}"))));
    let error = watch.clone();
    device.on_uncaptured_error(Arc::new(move |found: wgpu::Error| {
        error.note(match found {
            wgpu::Error::OutOfMemory { .. } => GpuTrouble::OutOfMemory(found.to_string()),
            _ => GpuTrouble::Error(found.to_string()),
        });
    }));
    watch
}

/// What the adapter calls itself, and whether it is a program on the CPU.
async fn describe(info: &wgpu::AdapterInfo) -> (String, bool) {
    #[cfg(target_arch = "wasm32")]
    let name = super::browser::adapter_name().await.unwrap_or_else(|| info.name.clone());
    #[cfg(not(target_arch = "wasm32"))]
    let name = info.name.clone();
    let lower = format!("{name} {}", info.driver).to_lowercase();
    let software = info.device_type == wgpu::DeviceType::Cpu || SOFTWARE_NAMES.iter().any(|known| lower.contains(known));
    (name, software)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_below_the_minimum_are_named() {
        assert_eq!(check(&wgpu::Limits::default()), Ok(()));
        let small = wgpu::Limits { max_compute_invocations_per_workgroup: 128, ..wgpu::Limits::default() };
        let fault = check(&small).unwrap_err();
        assert_eq!((fault.code, fault.detail.as_str()), (FaultCode::AdapterUnfit, "128 invocations per workgroup, 256 are needed"));
    }

    #[test]
    fn the_cpu_is_always_there() {
        let open = futures::executor::block_on(Devices::default().open(DevicePreference::Cpu)).unwrap();
        assert_eq!((open.info.kind, open.info.fallback.clone(), open.trouble()), (DeviceKind::Cpu, None, None));
    }
}
