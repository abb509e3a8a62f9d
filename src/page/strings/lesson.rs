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
                "Most of the text is for learning. The end of it is kept for checking and never learned: only there can one see whether the model \
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
                "The loss says how surprised the model is by the right token. As long as both curves fall, it is learning. When the checking curve \
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
            see: "The training curve sinks, the checking curve rises: it recites. Add text, and the gap closes.",
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
};

/// The words below the fold, in the page's language.
pub fn passages() -> &'static Passages {
    &EN_PASSAGES
}
