//! Everything that follows from the collections alone, worked out once when they change.

use std::collections::HashMap;
use std::sync::Arc;

use super::Plan;
use crate::schema::{Collection, FieldOptions, Schema};

/// A relation field that points at a collection.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The collection that has the field.
    pub plan: Arc<Plan>,
    /// Position of the field in it.
    pub field: usize,
}

/// The schema with the plan of each collection. Immutable; replaced as a whole when collections change.
#[derive(Debug, Default)]
pub struct Catalog {
    schema: Schema,
    plans: HashMap<String, Arc<Plan>>,
    references: HashMap<String, Vec<Reference>>,
    reads_headers: bool,
    reads_body: bool,
}

impl Catalog {
    /// Plans for these collections.
    pub fn new(collections: Vec<Collection>) -> Self {
        let schema = Schema::new(collections);
        let plans: HashMap<_, _> =
            schema.all().iter().map(|c| (c.id.clone(), Arc::new(Plan::new(Arc::clone(c))))).collect();
        let mut references: HashMap<String, Vec<Reference>> = HashMap::new();
        let mut by_name: Vec<&Arc<Plan>> = plans.values().filter(|p| !p.is_view()).collect();
        // Deletes walk references in the order of collection names (reference part 1, section 11.5).
        by_name.sort_by(|a, b| a.collection().name.cmp(&b.collection().name));
        for plan in by_name {
            for (field, definition) in plan.collection().fields.iter().enumerate() {
                if let FieldOptions::Relation(options) = &definition.options {
                    let reference = Reference { plan: Arc::clone(plan), field };
                    references.entry(options.collection_id.clone()).or_default().push(reference);
                }
            }
        }
        let reads = |word| plans.values().any(|plan| plan.rules().mention(word));
        let (reads_headers, reads_body) = (reads("@request.headers."), reads("@request.body."));
        Self { schema, plans, references, reads_headers, reads_body }
    }

    /// The collections.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Finds a collection's plan by the collection's id (exact) or name (any case).
    pub fn find(&self, id_or_name: &str) -> Option<&Arc<Plan>> {
        self.schema.find(id_or_name).and_then(|c| self.plans.get(&c.id))
    }

    /// Whether any rule asks about headers.
    pub fn reads_headers(&self) -> bool {
        self.reads_headers
    }

    /// Whether any rule asks about bodies.
    pub fn reads_body(&self) -> bool {
        self.reads_body
    }

    /// Relation fields of tables that point at a collection.
    pub fn references_to(&self, collection_id: &str) -> &[Reference] {
        self.references.get(collection_id).map_or(&[], Vec::as_slice)
    }
}
