//! The bundled base models, as `models/index.json` lists them: what the picker shows, what the engine fetches and checks.
//!
//! One file tells both sides: the page fetches it for its picker, the engine for sizes and hashes. `cargo xtask models` writes what can be
//! computed (sizes, hashes, shape), people write the words; a test holds it to the files beside it. Absent: fetching.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::config::ModelSize;
use super::event::{DeviceInfo, DeviceKind, Language};

/// Where the catalogue lies, below the folder of the page.
pub const CATALOGUE_PATH: &str = "models/index.json";

/// Most letters of a model's id.
const MOST_LETTERS: usize = 40;

/// The id of a bundled model: the folder below `models/`, and its name in links. It may name a model that the catalogue lacks (an old link);
/// whoever uses it looks it up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BaseModel {
    letters: [u8; MOST_LETTERS],
    length: u8,
}

impl BaseModel {
    /// The smallest English model: the start of a page that knows nothing yet of its text and device.
    pub const NANO: Self = Self::constant("attune-en-nano");

    const fn constant(id: &str) -> Self {
        let bytes = id.as_bytes();
        let mut letters = [0; MOST_LETTERS];
        let mut index = 0;
        while index < bytes.len() {
            letters[index] = bytes[index];
            index += 1;
        }
        Self { letters, length: bytes.len() as u8 }
    }

    /// The model of this id; `None` for what cannot be one: ids have 1 to 40 of the letters a to z, digits and hyphens.
    pub fn named(id: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ((1..=MOST_LETTERS).contains(&id.len()) && id.bytes().all(plain)).then(|| Self::constant(id))
    }

    /// The folder below `models/`, which is also the name in links.
    pub fn folder(&self) -> &str {
        std::str::from_utf8(&self.letters[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl Default for BaseModel {
    fn default() -> Self {
        Self::NANO
    }
}

impl fmt::Debug for BaseModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BaseModel({})", self.folder())
    }
}

impl Serialize for BaseModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.folder())
    }
}

impl<'de> Deserialize<'de> for BaseModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::named(&id).ok_or_else(|| D::Error::custom(format!("`{id}` is no model's id")))
    }
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    /// Its name in the model's folder.
    pub name: String,
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// The recipe that suits a model, where the visitor has chosen nothing; measured on the built-in samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub learning_rate: f64,
    pub steps: u32,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    pub id: BaseModel,
    /// What a visitor calls it.
    pub name: String,
    /// What it was pretrained on: `en`, `zh`.
    pub languages: Vec<String>,
    /// What it is good for, in a sentence.
    pub good_for: String,
    /// Grows when a file changes; browsers keep models by it.
    pub version: u32,
    /// Fetched only when the visitor chooses it, never by default.
    #[serde(default)]
    pub on_request: bool,
    pub recipe: Recipe,
    pub size: ModelSize,
    pub vocab_size: u32,
    pub parameters: u64,
    /// The model card's name in the model's folder.
    pub card: String,
    pub files: Vec<ModelFile>,
}

impl ModelEntry {
    /// What has to be downloaded, in bytes before any compression.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// It was pretrained on this language.
    pub fn speaks(&self, language: Language) -> bool {
        code(language).is_some_and(|code| self.languages.iter().any(|spoken| spoken == code))
    }

    /// What it was pretrained on, as far as texts are told apart; of several the first.
    pub fn language(&self) -> Language {
        let known = [Language::English, Language::Chinese, Language::Japanese, Language::Korean];
        let spoken = self.languages.iter().find_map(|spoken| known.into_iter().find(|&language| code(language) == Some(spoken.as_str())));
        spoken.unwrap_or(Language::Other)
    }

    /// The address of one of its files, below the folder of the page.
    pub fn path(&self, file: &str) -> String {
        format!("models/{}/{file}", self.id.folder())
    }
}

fn code(language: Language) -> Option<&'static str> {
    match language {
        Language::English => Some("en"),
        Language::Chinese => Some("zh"),
        Language::Japanese => Some("ja"),
        Language::Korean => Some("ko"),
        _ => None,
    }
}

/// All bundled models, in the order of the picker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    pub models: Vec<ModelEntry>,
}

impl Catalogue {
    /// The entry of a model.
    pub fn entry(&self, id: BaseModel) -> Option<&ModelEntry> {
        self.models.iter().find(|entry| entry.id == id)
    }

    /// The model to start with for a text in this language: the smallest that speaks it on a processor (or an adapter that is a program on
    /// one), the largest on a graphics card; never one that is fetched on request only.
    pub fn suited(&self, language: Language, device: Option<&DeviceInfo>) -> Option<&ModelEntry> {
        let speaking = self.models.iter().filter(|entry| entry.speaks(language) && !entry.on_request);
        if device.is_some_and(|device| device.kind == DeviceKind::WebGpu && !device.software) {
            speaking.max_by_key(|entry| entry.parameters)
        } else {
            speaking.min_by_key(|entry| entry.parameters)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, language: &str, parameters: u64, on_request: bool) -> ModelEntry {
        ModelEntry {
            id: BaseModel::named(id).unwrap(),
            name: id.to_owned(),
            languages: vec![language.to_owned()],
            good_for: String::new(),
            version: 1,
            on_request,
            recipe: Recipe { learning_rate: 3e-4, steps: 80 },
            size: ModelSize::default(),
            vocab_size: 512,
            parameters,
            card: "README.md".to_owned(),
            files: vec![],
        }
    }

    #[test]
    fn ids_are_words_of_links_and_folders() {
        assert_eq!(BaseModel::default().folder(), "attune-en-nano");
        for wrong in ["", "..", "a/b", "A", "é", "a b", &"x".repeat(41)] {
            assert_eq!(BaseModel::named(wrong), None, "{wrong}");
        }
        let id = BaseModel::named("attune-zh-small").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"attune-zh-small\"");
        assert_eq!(serde_json::from_str::<BaseModel>("\"attune-zh-small\"").unwrap(), id);
        assert!(serde_json::from_str::<BaseModel>("\"../secret\"").is_err());
    }

    #[test]
    fn the_device_and_the_language_choose_the_model() {
        let models = vec![
            entry("en-nano", "en", 1_000_000, false),
            entry("en-small", "en", 5_000_000, false),
            entry("en-base", "en", 25_000_000, true),
            entry("zh-small", "zh", 4_000_000, false),
        ];
        let catalogue = Catalogue { models };
        let device = |kind, software| DeviceInfo { kind, name: String::new(), software, fallback: None };
        let chosen = |language, device: Option<DeviceInfo>| {
            catalogue.suited(language, device.as_ref()).map(|entry| entry.id.folder().to_owned()).unwrap_or_default()
        };
        assert_eq!(chosen(Language::English, None), "en-nano");
        assert_eq!(chosen(Language::English, Some(device(DeviceKind::Cpu, false))), "en-nano");
        assert_eq!(chosen(Language::English, Some(device(DeviceKind::WebGpu, true))), "en-nano");
        assert_eq!(chosen(Language::English, Some(device(DeviceKind::WebGpu, false))), "en-small");
        assert_eq!(chosen(Language::Chinese, None), "zh-small");
        assert_eq!(chosen(Language::Japanese, None), "");
        assert_eq!(catalogue.models[3].language(), Language::Chinese);
    }
}
