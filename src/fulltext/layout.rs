//! How a specification is laid out in the engine's fields.

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{RAW_TOKENIZER_NAME, TextAnalyzer, TokenizerManager};

use super::analyzer::{WORDS, WordTokenizer};
use super::stemming::{STEMS, StemTokenizer, Stems};
use super::{FacetKind, IndexSpec};

/// Grows when the layout or the analysis of texts changes, so that older indexes are made anew.
pub(super) const FORMAT: u32 = 2;

/// The fields of one text.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextFields {
    /// Words as written, folded, with their places.
    pub(super) words: Field,
    /// Their stems, if there is a language: a field of its own, so that both are ranked by their own frequencies.
    pub(super) stems: Option<Field>,
}

/// The fields of an index.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The id as one word, to find documents that are replaced.
    pub(super) id: Field,
    /// The id as numbers in a column, to name hits.
    pub(super) id_column: Field,
    /// [`Document::fingerprint`](super::Document::fingerprint) in a column.
    pub(super) fingerprint: Field,
    /// For each text of the specification.
    pub(super) texts: Vec<TextFields>,
    /// For each facet of the specification.
    pub(super) facets: Vec<Field>,
    pub(super) schema: Schema,
}

/// The name of the column that ids are in.
pub(super) const ID_COLUMN: &str = "id_column";

/// The name of the column that fingerprints are in.
pub(super) const FINGERPRINT_COLUMN: &str = "fingerprint";

/// The name of a facet's column.
pub(super) fn facet_column(position: usize) -> String {
    format!("facet{position}")
}

impl Layout {
    pub(super) fn new(spec: &IndexSpec) -> Self {
        let mut builder = Schema::builder();
        let id_indexing = TextFieldIndexing::default()
            .set_tokenizer(RAW_TOKENIZER_NAME)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        let id = builder.add_text_field("id", TextOptions::default().set_indexing_options(id_indexing));
        let id_column = builder.add_u64_field(ID_COLUMN, NumericOptions::default().set_fast());
        let fingerprint = builder.add_u64_field(FINGERPRINT_COLUMN, NumericOptions::default().set_fast());
        let texts = (0..spec.fields.len()).map(|i| text_fields(&mut builder, i, spec.language.is_some())).collect();
        let facets = spec.facets.iter().enumerate();
        let facets = facets.map(|(i, facet)| add_facet(&mut builder, &facet_column(i), facet.kind)).collect();
        Self { id, id_column, fingerprint, texts, facets, schema: builder.build() }
    }
}

fn text_fields(builder: &mut SchemaBuilder, position: usize, has_language: bool) -> TextFields {
    let mut add = |name: String, tokenizer: &str, option: IndexRecordOption| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option);
        builder.add_text_field(&name, TextOptions::default().set_indexing_options(indexing))
    };
    let words = add(format!("words{position}"), WORDS, IndexRecordOption::WithFreqsAndPositions);
    let stems = has_language.then(|| add(format!("stems{position}"), STEMS, IndexRecordOption::WithFreqs));
    TextFields { words, stems }
}

fn add_facet(builder: &mut SchemaBuilder, name: &str, kind: FacetKind) -> Field {
    let column = NumericOptions::default().set_fast();
    match kind {
        FacetKind::Text => builder.add_text_field(name, TextOptions::default().set_fast(RAW_TOKENIZER_NAME)),
        FacetKind::Number => builder.add_f64_field(name, column),
        FacetKind::Bool => builder.add_bool_field(name, column),
        FacetKind::Date => builder.add_i64_field(name, column),
    }
}

/// The tokenizers that the fields name.
pub(super) fn tokenizers(spec: &IndexSpec) -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(WORDS, TextAnalyzer::builder(WordTokenizer).build());
    if let Some(language) = spec.language {
        manager.register(STEMS, TextAnalyzer::builder(StemTokenizer(Stems::new(language))).build());
    }
    manager
}
