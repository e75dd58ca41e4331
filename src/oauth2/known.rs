//! The services Larder knows by name, as lists of them and checks of options need them.

use super::providers;

/// A known service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownProvider {
    /// Key used in options and external auths.
    pub name: &'static str,
    /// Name for people.
    pub display_name: &'static str,
}

/// All known services in the order the API lists them (reference part 3, section 20).
pub fn known_providers() -> impl Iterator<Item = KnownProvider> {
    providers::ALL.iter().map(|provider| {
        let spec = provider.spec();
        KnownProvider { name: spec.name, display_name: spec.display_name }
    })
}

/// Whether a service of that name is known.
pub fn is_known_provider(name: &str) -> bool {
    providers::find(name).is_some()
}

impl KnownProvider {
    /// A small inline SVG: the service's initial on a disc. Brand marks belong to their owners, so none is shipped.
    pub fn logo(&self) -> String {
        let initial: String = self.display_name.chars().take(1).flat_map(char::to_uppercase).collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">\
             <circle cx=\"12\" cy=\"12\" r=\"12\" fill=\"#5b6470\"/>\
             <text x=\"12\" y=\"16.5\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#fff\" text-anchor=\"middle\">\
             {initial}</text></svg>"
        )
    }
}
