//! Real files: awkward encodings, and tokenizers made elsewhere.
//!
//! In: the folders `fixtures_messy_files` and `hf_tokenizers` below `ATTUNE_SHARED/data` (default: `../shared` beside the repository), and the
//! Python named by `ATTUNE_PYTHON`, through `reference/tokenizer_ids.py`. What is missing is skipped with a line on the terminal.
#![cfg(all(feature = "text", not(target_arch = "wasm32")))]

#[path = "reference/python.rs"]
mod python;

use attune::protocol::{FileHead, Language};
use attune::text::{Corpus, Decoded, TextError, Tokenizer, decode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

const SCRIPT: &str = include_str!("reference/tokenizer_ids.py");

/// A folder of the shared data, or `None` and a line that says what is left out.
fn shared(what: &str, folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("ATTUNE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let path = shared.join("data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    // Not `eprintln`: that is swallowed when a test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED {what}: {} is not there; set ATTUNE_SHARED", path.display());
    None
}

fn nano() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("static/models/attune-en-nano/tokenizer.json")
}

fn read(path: &Path) -> Decoded {
    let bytes = std::fs::read(path).unwrap();
    decode(&path.display().to_string(), bytes, None).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_declaration_of_human_rights_is_recognised() {
    let Some(folder) = shared("encodings of real texts", "fixtures_messy_files/udhr_encodings") else { return };
    // File, encodings that read it rightly, how many characters are unreadable (some files are cut in the last one), a phrase in it.
    let expected: &[(&str, &[&str], u64, &str)] = &[
        ("Arabic_Alarabia-Arabic.txt", &["windows-1256"], 0, "الإعلان العالمي"),
        ("Chinese_Mandarin-GB2312.txt", &["gb18030"], 0, "世界人权宣言"),
        ("Chinese_Mandarin-HZ.txt", &["hz-gb-2312"], 0, "世界人权宣言"),
        ("Chinese_Mandarin-UTF8.txt", &["utf-8"], 1, "世界人权宣言"),
        ("Czech_Cesky-Latin2.txt", &["windows-1250"], 0, "VŠEOBECNÁ DEKLARACE LIDSKÝCH PRÁV"),
        ("English-Latin1.txt", &["utf-8"], 0, "Universal Declaration"),
        ("French_Francais-Latin1.txt", &["windows-1252"], 0, "Déclaration universelle des droits"),
        ("Greek_Ellinika-Greek.txt", &["iso-8859-7", "windows-1253"], 0, "ΟΙΚΟΥΜΕΝΙΚΗ"),
        ("Hebrew_Ivrit-Hebrew.txt", &["iso-8859-8", "windows-1255"], 0, "לכל באי עולם"),
        ("Hindi-UTF8.txt", &["utf-8"], 0, "मानव"),
        ("Hungarian_Magyar-Unicode.txt", &["utf-16le"], 1, "Az Emberi Jogok"),
        ("Japanese_Nihongo-EUC.txt", &["euc-jp"], 0, "『世界人権宣言』"),
        ("Japanese_Nihongo-JIS.txt", &["iso-2022-jp"], 1, "『世界人権宣言』"),
        ("Japanese_Nihongo-SJIS.txt", &["shift_jis"], 0, "『世界人権宣言』"),
        ("Japanese_Nihongo-UTF8.txt", &["utf-8"], 0, "『世界人権宣言』"),
        ("Korean_Hankuko-UTF8.txt", &["utf-8"], 0, "세 계 인 권 선 언"),
        ("Russian_Russky-Cyrillic.txt", &["windows-1251"], 0, "Всеобщая декларация прав человека"),
        ("Russian_Russky-UTF8.txt", &["utf-8"], 0, "Всеобщая декларация прав человека"),
        ("Vietnamese-UTF8.txt", &["utf-8"], 0, "Tuyên ngôn toàn thế giới"),
    ];
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, expected.len(), "a file of {} is not looked at", folder.display());
    let mut wrong = Vec::new();
    for (name, encodings, replaced, phrase) in expected {
        let Decoded { text, report } = read(&folder.join(name));
        let right = encodings.contains(&report.encoding.as_str()) && report.replaced == *replaced;
        if !right || !text.contains(phrase) || text.contains('\r') {
            wrong.push(format!("{name}: {report:?} {:?}", text.chars().take(40).collect::<String>()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn languages_of_the_declarations() {
    let Some(folder) = shared("languages of real texts", "fixtures_messy_files/udhr_encodings") else { return };
    for (name, language) in [
        ("Arabic_Alarabia-Arabic.txt", Language::Arabic),
        ("Chinese_Mandarin-HZ.txt", Language::Chinese),
        ("Czech_Cesky-Latin2.txt", Language::OtherLatin),
        ("English-Latin1.txt", Language::English),
        ("French_Francais-Latin1.txt", Language::OtherLatin),
        ("Greek_Ellinika-Greek.txt", Language::Greek),
        ("Hebrew_Ivrit-Hebrew.txt", Language::Hebrew),
        ("Hindi-UTF8.txt", Language::Devanagari),
        ("Hungarian_Magyar-Unicode.txt", Language::OtherLatin),
        ("Japanese_Nihongo-SJIS.txt", Language::Japanese),
        ("Korean_Hankuko-UTF8.txt", Language::Korean),
        ("Russian_Russky-UTF8.txt", Language::Cyrillic),
        ("Vietnamese-UTF8.txt", Language::OtherLatin),
    ] {
        let head = FileHead { name: name.to_owned(), encoding: None };
        let corpus = Corpus::open(vec![(head, std::fs::read(folder.join(name)).unwrap())]).unwrap();
        assert_eq!(corpus.report.check.language, language, "{name}");
    }
}

#[test]
fn samples_of_the_page_are_in_the_languages_of_their_manifest() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/samples");
    let manifest: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    for sample in &manifest {
        let name = sample["file"].as_str().unwrap();
        let head = FileHead { name: name.to_owned(), encoding: None };
        let corpus = Corpus::open(vec![(head, std::fs::read(folder.join(name)).unwrap())]).unwrap();
        let language = if sample["language"] == "zh" { Language::Chinese } else { Language::English };
        assert_eq!(corpus.report.check.language, language, "{name}");
    }
}

#[test]
fn tables_with_awkward_bytes_are_read() {
    let Some(folder) = shared("awkward tables", "fixtures_messy_files") else { return };
    for (name, encoding, lines) in [
        ("zh_poets_gb18030.csv", "gb18030", 401),
        ("zh_poets_utf8bom_crlf.csv", "utf-8", 401),
        ("en_rt_utf16.tsv", "utf-16le", 401),
        ("en_rt_noheader_semicolon.csv", "utf-8", 400),
        ("novel_utf8bom_crlf.txt", "utf-8", 4_289),
    ] {
        let Decoded { text, report } = read(&folder.join(name));
        assert_eq!((report.encoding.as_str(), report.replaced), (encoding, 0), "{name}");
        assert!(!text.contains('\r') && !text.starts_with('\u{FEFF}'), "{name}");
        assert_eq!(text.lines().count(), lines, "{name}");
    }
    let gb = read(&folder.join("zh_poets_gb18030.csv")).text;
    assert_eq!(gb, read(&folder.join("zh_poets_utf8bom_crlf.csv")).text, "the same rows in two encodings");
    let empty = (FileHead { name: "empty.csv".to_owned(), encoding: None }, std::fs::read(folder.join("empty.csv")).unwrap());
    assert!(matches!(Corpus::open(vec![empty]), Err(TextError::TooShort { characters: 10, .. })));
}

#[derive(Deserialize)]
struct Recorded {
    tokenizer: String,
    text: String,
    ids: Vec<u32>,
    attention_mask: Vec<u32>,
}

#[test]
fn recorded_encodings_of_well_known_tokenizers() {
    let Some(folder) = shared("recorded encodings", "hf_tokenizers") else { return };
    let mut tokenizers: std::collections::HashMap<String, Tokenizer> = std::collections::HashMap::new();
    let lines = std::fs::read_to_string(folder.join("reference_encodings.jsonl")).unwrap();
    for line in lines.lines() {
        let recorded: Recorded = serde_json::from_str(line).unwrap();
        let tokenizer = tokenizers
            .entry(recorded.tokenizer.clone())
            .or_insert_with_key(|name| Tokenizer::from_json(&std::fs::read(folder.join(name).join("tokenizer.json")).unwrap()).unwrap());
        // The recording pads, and BERT's tokenizers put [CLS] (101) before and [SEP] (102) after; we do neither.
        let mut expected: Vec<u32> =
            recorded.ids.iter().zip(&recorded.attention_mask).filter(|(_, mask)| **mask == 1).map(|(id, _)| *id).collect();
        if recorded.tokenizer.contains("bert") || recorded.tokenizer.contains("minilm") {
            assert_eq!((expected.remove(0), expected.pop()), (101, Some(102)));
        }
        assert_eq!(tokenizer.encode(&recorded.text).unwrap(), expected, "{}: {:?}", recorded.tokenizer, recorded.text);
    }
    assert_eq!(tokenizers.len(), 5);
}

/// Texts with every kind of difficulty.
fn hard_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        "Once upon a time",
        "  two  spaces\t\ttabs\r\n\r\nlines \n end ",
        "it's we'll I'd they've 'quoted' ''s 'LL",
        "3.14159 ½ Ⅷ ١٢٣ x²",
        "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。",
        "👨‍👩‍👧 family, e\u{301}, \u{a0}no-break\u{3000}wide",
        "a<|endoftext|>b <|endoftext|> <|endoftext",
        "naïve Ångström, Привет мир, שלום, नमस्ते",
        "def f(x):\n    return {k: v for k, v in x.items()}  # comment\n",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("ab".repeat(300));
    texts.push("天地玄黃宇宙洪荒".repeat(40));
    texts
}

fn ask(what: &str, folder: &str, jobs: &Value) -> Option<Vec<Value>> {
    let request = python::folder(folder).join("request.json");
    std::fs::write(&request, jobs.to_string()).unwrap();
    let answer = python::run(what, SCRIPT, &[&request])?;
    Some(serde_json::from_str(&answer).unwrap())
}

#[test]
fn ids_equal_the_python_library() {
    let what = "ids beside the Python library";
    let mut files = vec![nano()];
    if let Some(folder) = shared(what, "hf_tokenizers") {
        files.extend(
            ["gpt2", "minimind-6400", "minimind-6400-2024", "bert-base-uncased"].map(|name| folder.join(name).join("tokenizer.json")),
        );
    }
    let texts = hard_texts();
    let jobs: Vec<Value> = files.iter().map(|file| json!({ "ids": file, "texts": texts })).collect();
    let Some(answers) = ask(what, "tokenizer_ids", &json!(jobs)) else { return };
    for (file, answer) in files.iter().zip(answers) {
        let tokenizer = Tokenizer::from_json(&std::fs::read(file).unwrap()).unwrap();
        let expected: Vec<Vec<u32>> = serde_json::from_value(answer).unwrap();
        assert_eq!(expected.len(), texts.len());
        for (text, expected) in texts.iter().zip(expected) {
            assert_eq!(tokenizer.encode(text).unwrap(), expected, "{}: {text:?}", file.display());
        }
    }
}

#[test]
fn tokenizers_made_here_open_in_transformers() {
    let texts = hard_texts();
    let all = texts.concat().repeat(2);
    let folder = python::folder("tokenizers_made_here");
    let made = [("bpe", Tokenizer::train_bpe(&all, 600).unwrap()), ("characters", Tokenizer::characters(&all).unwrap())];
    let jobs: Vec<Value> = made
        .iter()
        .map(|(name, tokenizer)| {
            let path = folder.join(format!("{name}.json"));
            std::fs::write(&path, tokenizer.to_json()).unwrap();
            json!({ "transformers": path, "texts": texts })
        })
        .collect();
    let Some(answers) = ask("tokenizers in transformers", "tokenizers_request", &json!(jobs)) else { return };
    for ((name, tokenizer), answer) in made.iter().zip(answers) {
        assert_eq!(answer["vocab_size"], tokenizer.vocab_size(), "{name}");
        for (text, result) in texts.iter().zip(answer["results"].as_array().unwrap()) {
            assert_eq!(json!(tokenizer.encode(text).unwrap()), result["ids"], "{name}: {text:?}");
            assert_eq!(json!(text), result["text"], "{name}");
        }
    }
}

#[test]
fn learned_merges_equal_the_python_library() {
    let what = "BPE learned beside the Python library";
    let Some(folder) = shared(what, "hf_tokenizers/bpe_train_reference") else { return };
    let corpus = folder.join("corpus.en");
    let Some(answers) = ask(what, "learned_merges", &json!([{ "train": corpus, "vocab_size": 1_000 }])) else { return };
    let text = std::fs::read_to_string(&corpus).unwrap();
    let tokenizer = Tokenizer::train_bpe(&text, 1_000).unwrap();
    let ours: Value = serde_json::from_slice(tokenizer.to_json()).unwrap();
    assert_eq!(ours["model"]["vocab"], answers[0]["vocab"]);
    assert_eq!(ours["model"]["merges"], answers[0]["merges"]);
    assert_eq!(tokenizer.vocab_size(), 1_000);
}
