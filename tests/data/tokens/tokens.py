"""Small tokenizers, and what Hugging Face's library makes of texts with them: answers.json.

usage: python tokens.py     (with tokenizers; writes beside itself)
"""

import json
import os

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

HERE = os.path.dirname(os.path.abspath(__file__))

# To learn from: some English, German, Greek, Chinese, numbers and code.
LEARNED = [
    "A layer is a module that has parameters, and a model is a module that has layers.",
    "The gradient of a loss by a parameter says how the loss changes when the parameter does.",
    "We don't know what they've learned; it's what you'll see that I'd call a result.",
    "Die Schicht ändert ihre Gewichte, und größer wird der Fehler nicht mehr.",
    "Η μάθηση είναι η αρχή. 学习是开始，学习是结果。",
    "In 2024 there were 1234567 examples, 0.5 of 100%, and -3e-4 was the learning rate.",
    "for (int i = 0; i < n; ++i) {\n  sum += x[i] * y[i];\n}\n\n\treturn sum;\n",
] * 3

TEXTS = [
    "",
    " ",
    "   two  spaces   and three   ",
    "The loss doesn't change, they've said; IT'S",
    "line\nline\r\n\n\n  \tend\n",
    "größere Schichten, naïve façade, Ωμέγα",
    "学习，结果。学",
    "numbers 1 12 123 1234 12345 3.14 ½ ² ٣٤",
    "emoji 😀👩‍👩‍👧 and flags 🇩🇪!!!???",
    "nbsp\u00a0here\u2003em\u3000wide\u200bzero\u0085next\u2028line",
    "<|endoftext|>The start<|endoftext|><|endoftext|> end",
    "almost <|endoftext| and <||endoftext|>",
    "'s 't've''ll 'RE 'd're",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "x[i]*y[i]+=++i--;{}()<>@#$%^&*_=|\\~`",
    "\u0000\u0001\u007f control",
    "e\u0301 combining, \u0939\u093f\u0928\u094d\u0926\u0940",
]


def gpt2(add_prefix_space=False):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    t.decoder = decoders.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.train_from_iterator(LEARNED, trainer("<|endoftext|>"))
    return t


def trainer(*special):
    return trainers.BpeTrainer(
        vocab_size=480,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )


def llama3():
    """With an expression of its own, a token in front, words that are tokens, and added tokens, of which one is ordinary."""
    t = Tokenizer(models.BPE(ignore_merges=True))
    words = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(LEARNED, trainer("<|begin|>", "<|endoftext|>"))
    t.add_tokens([AddedToken("Schicht", normalized=False)])
    t.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single="<|begin|> $A", special_tokens=[("<|begin|>", t.token_to_id("<|begin|>"))]
            ),
        ]
    )
    return t


def roberta():
    t = gpt2(add_prefix_space=True)
    t.add_special_tokens(["<s>", "</s>"])
    sides = [(s, t.token_to_id(s)) for s in ("</s>", "<s>")]
    t.post_processor = processors.RobertaProcessing(*sides)
    return t


def answers(t):
    return [
        {
            "text": text,
            "tokens": t.encode(text).ids,
            "plain": t.encode(text, add_special_tokens=False).ids,
            "decoded": t.decode(t.encode(text).ids),
        }
        for text in TEXTS
    ]


def main():
    made = {"gpt2": gpt2(), "llama3": llama3(), "roberta": roberta()}
    made["gpt2"].model.save(HERE)  # vocab.json, merges.txt
    for name, t in made.items():
        t.save(os.path.join(HERE, name + ".json"), pretty=False)
    with open(os.path.join(HERE, "answers.json"), "w") as f:
        json.dump({name: answers(t) for name, t in made.items()}, f)


if __name__ == "__main__":
    main()
