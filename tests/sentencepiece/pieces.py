"""Two small models, and what SentencePiece's own package makes of texts with them: answers.json.

usage: python pieces.py     (with sentencepiece; writes beside itself)
"""

import io
import json
import os
import sys

import sentencepiece

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "data", "tokens"))

from tokens import LEARNED, TEXTS  # noqa: E402

answers = {}
for name, options in {
    "bpe": {"model_type": "bpe", "vocab_size": 420, "byte_fallback": True},  # as Llama 2's
    "unigram": {"model_type": "unigram", "vocab_size": 130},
}.items():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LEARNED), model_writer=model, minloglevel=2, normalization_rule_name="identity", **options
    )
    with open(os.path.join(HERE, f"{name}.model"), "wb") as file:
        file.write(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    answers[name] = {
        "vocab_size": processor.get_piece_size(),
        "texts": [
            {"text": text, "tokens": processor.encode(text), "decoded": processor.decode(processor.encode(text))}
            for text in TEXTS
            if "\0" not in text
        ],
        "the": processor.piece_to_id("▁the"),
    }
with open(os.path.join(HERE, "answers.json"), "w", encoding="utf-8") as file:
    json.dump(answers, file, ensure_ascii=False, indent=1)
    file.write("\n")
