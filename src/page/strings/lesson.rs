//! Words below the fold: what you see, what to try, what attention does not tell, keeping and sharing, privacy, browsers.

/// A passage: a heading and its paragraphs.
#[derive(Debug, Clone, Copy)]
pub struct Passage {
    pub id: &'static str,
    pub title: &'static str,
    pub paragraphs: &'static [&'static str],
}

/// Something to do: what to do, and what then happens.
#[derive(Debug, Clone, Copy)]
pub struct Beat {
    pub act: &'static str,
    pub see: &'static str,
}

/// The words below the fold. They are no part of `Words`, since only a view that comes later says them.
pub struct Passages {
    pub title: &'static str,
    pub lead: &'static str,
    pub parts: &'static [Passage],
    pub try_title: &'static str,
    pub beats: &'static [Beat],
    pub rest: &'static [Passage],
    /// The same of an open table, whose answers are learned.
    pub table: TablePassages,
}

/// What stands in the place of the passages about a text while a table is open.
pub struct TablePassages {
    pub lead: &'static str,
    pub parts: &'static [Passage],
    pub beats: &'static [Beat],
}

/// The words of the page as a whole.
pub struct LessonWords {
    pub skip: &'static str,
    pub inside: &'static str,
    pub result: &'static str,
    pub recorded: fn(&str) -> String,
    pub recorded_end: &'static str,
    pub cue: &'static str,
    pub later_coming: &'static str,
    pub later_failed: &'static str,
    pub labels_failed: &'static str,
    pub later_retry: &'static str,
}

/// English.
pub const EN: LessonWords = LessonWords {
    skip: "Skip to the text",
    inside: "Inside",
    result: "Result",
    recorded: |title| format!("A recorded run on \u{201c}{title}\u{201d}. Press Play to train the model here, on this device."),
    recorded_end: "That was a recording. Press Play to see it happen here, on this device.",
    cue: "What you are looking at",
    later_coming: "Fetching this view…",
    later_failed: "This view could not be fetched. The rest of the page works without it.",
    labels_failed: "The part of the page that shows tables and reports could not be fetched. Nothing that is open is lost.",
    later_retry: "Try again",
};

static EN_PASSAGES: Passages = Passages {
    title: "What you are looking at",
    lead: "A small Transformer, the kind of model behind chat assistants but some hundred thousand times smaller, learns to continue your text. It \
           guesses the next token, is told the right one, and adjusts itself a little: that is one step.",
    parts: &[
        Passage {
            id: "about-text",
            title: "Text",
            paragraphs: &[
                "The text is cut into tokens: frequent words stay whole, rare ones fall apart. The model never sees letters, only these pieces.",
                "Most of the text is for learning. The end of it is kept for validation and never learned: only there can one see whether the model \
                 has understood the manner or merely remembers the lines.",
            ],
        },
        Passage {
            id: "about-inside",
            title: "Inside",
            paragraphs: &[
                "Before it guesses, the model lets every token look back at the ones before it. Each head decides for itself how much to look where. \
                 A line from a token to an earlier one is that share: the stronger the line, the more it looked.",
                "At step 0 the lines show what the base model brings along. While it learns, some heads change their habits: one begins to follow \
                 names, another line ends. The slider moves back through these steps.",
            ],
        },
        Passage {
            id: "about-result",
            title: "Result",
            paragraphs: &[
                "The loss says how surprised the model is by the right token. As long as both curves fall, it is learning. When the validation curve \
                 turns upwards while the other goes on falling, it is learning by heart.",
                "Every few steps it writes something, so that you can read the difference and not only measure it.",
            ],
        },
    ],
    try_title: "Four things to try",
    beats: &[
        Beat {
            act: "Press Play with the sample text and read the first and the latest writing.",
            see: "The base model's plain English turns into the manner of the text: speakers, line breaks, turns of phrase.",
        },
        Beat {
            act: "Take a short text of your own and train for 1,000 steps.",
            see: "The training curve sinks, the validation curve rises: it recites. Add text, and the gap closes.",
        },
        Beat {
            act: "Multiply the learning rate by ten while it runs.",
            see: "The loss jumps. Turn it back down and see whether the model recovers.",
        },
        Beat {
            act: "Start from scratch instead of from the base model, with the same text.",
            see: "It begins with letter soup. The distance between the two curves is what pretraining is worth.",
        },
    ],
    rest: &[
        Passage {
            id: "about-attention",
            title: "Attention is where it looked, not why",
            paragraphs: &[
                "A strong line says that a head read from there. It does not say that what it read decided the outcome: other heads, and the layers in \
                 between, may have done that. Nor does a weak line prove that a word did not matter.",
                "Many heads look at the first token most of the time. Nothing is wrong then: a head that has nothing to do must look somewhere, and the \
                 first token is a good resting place. This is known as an attention sink.",
            ],
        },
        Passage {
            id: "about-keeping",
            title: "Keep and share",
            paragraphs: &[
                "The run is saved in this browser while it trains. After a reload, the page offers to go on.",
                "Share copies a link with your settings. Whoever opens it finds the same sample, the same recipe and the same seed, and so the same run. \
                 Your own text is never part of the link.",
            ],
        },
        Passage {
            id: "about-privacy",
            title: "Privacy",
            paragraphs: &[
                "Everything happens in this tab. There is no server behind the page, no account, no cookie, no counter. The page's security policy forbids \
                 the browser to contact any server but the one it came from, and from that one it only fetches files.",
            ],
        },
        Passage {
            id: "about-browsers",
            title: "Browsers",
            paragraphs: &[
                "With WebGPU (Chrome and Edge, Firefox and Safari in recent versions) the graphics card does the work. Without it the processor does, in any \
                 current browser: more slowly, with the same results but for rounding.",
            ],
        },
    ],
    table: EN_TABLE,
};

const EN_TABLE: TablePassages = TablePassages {
    lead: "A small Transformer, the kind of model behind chat assistants but some hundred thousand times smaller, learns to answer as your table does. It already \
           knows a language; a small new part on top, the head, turns what it has read into an answer. It answers some rows, is told what the table says, and \
           adjusts itself a little: that is one step.",
    parts: &[
        Passage {
            id: "about-text",
            title: "Text",
            paragraphs: &[
                "Each row is an example: what is read, and the answer. Texts are cut into tokens: frequent words stay whole, rare ones fall apart.",
                "The rows are divided. From most the model learns. Some are kept for validation: after each epoch they say whether it has understood or merely \
                 remembers, and which epoch is kept. The rest are the test, looked at when everything is done. Rows that are alike stay in one part, or the test \
                 would ask what was already told.",
            ],
        },
        Passage {
            id: "about-inside",
            title: "Inside",
            paragraphs: &[
                "Before it answers, the model lets every token look back at the ones before it. Each head decides for itself how much to look where. A line \
                 from a token to an earlier one is that share.",
                "After each epoch the lines are drawn anew for the same sentence. Beside them, \u{201c}Which words decided?\u{201d} reads a text again without each of \
                 its words: where the model looked and what changed its answer are two questions.",
            ],
        },
        Passage {
            id: "about-result",
            title: "Result",
            paragraphs: &[
                "The report says how good the answers are on rows that were not learned from, and how much of that could be luck: with few rows the brackets \
                 are wide. Every figure can be pressed for the rows behind it.",
                "A figure says little alone. So it stands beside what is easily had: always the most frequent answer, or a count of words (TF-IDF). Where \
                 these are as good, the Transformer has not earned its keep.",
            ],
        },
    ],
    beats: &[
        Beat {
            act: "Press Play with a scenario, then press a wrong cell of the confusion matrix.",
            see: "The rows behind it: some are hard for you, too, and some may have a wrong label.",
        },
        Beat {
            act: "Look through the rows that it learned from, correct a label, and let it learn on.",
            see: "What it still gets wrong after learning is the likeliest to be labelled wrongly.",
        },
        Beat {
            act: "Let only the head learn, then everything, with the same rows and seed.",
            see: "The head alone is quick and shows what pretraining knows already; the rest is what your rows add.",
        },
        Beat {
            act: "Swap \u{201c}he\u{201d} and \u{201c}she\u{201d} in the fairness probe.",
            see: "If the answers lean one way beyond chance, the model has learned it from the texts.",
        },
    ],
};

/// The words below the fold, in the page's language.
pub fn passages() -> &'static Passages {
    &EN_PASSAGES
}
