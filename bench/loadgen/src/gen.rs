//! Deterministic pseudo-text. Words are drawn from a made-up vocabulary with a Zipf-like
//! frequency (weight 1/(rank+2.7)), so a full-text index sees realistic posting lists.
use crate::Args;
use std::io::Write;

pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }
    pub fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: u64) -> u64 {
        ((self.next() as u128 * n as u128) >> 64) as u64
    }
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

pub struct Vocab {
    words: Vec<String>,
    cdf: Vec<f64>,
}

impl Vocab {
    pub fn new(n: usize) -> Vocab {
        // Every word is CV(CV)+[C]; the fixed seed makes the vocabulary the same everywhere.
        const C: &[&str] =
            &["b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "st", "tr", "pl", "gr"];
        const V: &[&str] = &["a", "e", "i", "o", "u", "ai", "ou", "ea"];
        let mut rng = Rng::new(7);
        let mut seen = std::collections::HashSet::new();
        let mut words = Vec::with_capacity(n);
        while words.len() < n {
            let mut w = String::new();
            // Frequent words are short, as in natural text.
            let base = if words.len() < 120 { 1 } else { 2 };
            let syl = base + rng.below(2) as usize + (words.len() > 3000) as usize;
            for _ in 0..syl {
                w.push_str(C[rng.below(C.len() as u64) as usize]);
                w.push_str(V[rng.below(V.len() as u64) as usize]);
            }
            if rng.below(3) == 0 {
                w.push_str(C[rng.below(15) as usize]);
            }
            if seen.insert(w.clone()) {
                words.push(w);
            }
        }
        let mut cdf = Vec::with_capacity(n);
        let mut acc = 0.0;
        for r in 0..n {
            acc += 1.0 / (r as f64 + 2.7);
            cdf.push(acc);
        }
        for c in &mut cdf {
            *c /= acc;
        }
        Vocab { words, cdf }
    }
    pub fn word(&self, rng: &mut Rng) -> &str {
        let u = rng.unit();
        let i = self.cdf.partition_point(|&c| c < u);
        &self.words[i.min(self.words.len() - 1)]
    }
    pub fn text(&self, rng: &mut Rng, words: usize, punctuate: bool, out: &mut String) {
        let mut left_in_sentence = 0;
        for i in 0..words {
            if i > 0 {
                out.push(' ');
            }
            let w = self.word(rng);
            if punctuate && left_in_sentence == 0 {
                left_in_sentence = 6 + rng.below(14) as usize;
                let mut cs = w.chars();
                if let Some(c) = cs.next() {
                    out.extend(c.to_uppercase());
                    out.push_str(cs.as_str());
                }
            } else {
                out.push_str(w);
            }
            if punctuate {
                left_in_sentence -= 1;
                if left_in_sentence == 0 || i + 1 == words {
                    out.push('.');
                }
            }
        }
    }
}

pub fn run(args: &Args) {
    let n: u64 = args.num("n", 1000);
    let words: u64 = args.num("words", 60);
    let title_words: usize = args.num("title-words", 7);
    let seed: u64 = args.num("seed", 1);
    let vocab = Vocab::new(args.num("vocab", 30_000));
    let needle = args.opt("needle");
    let needle_every: u64 = args.num("needle-every", 0);
    let authors: u64 = args.num("authors", 1000);
    let html: u64 = args.num("html", 0);
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let (mut title, mut body) = (String::new(), String::new());
    for i in 0..n {
        // Each document has a generator of its own: document i does not depend on n.
        let mut rng = Rng::new(seed.wrapping_mul(1_000_003).wrapping_add(i));
        title.clear();
        body.clear();
        vocab.text(&mut rng, title_words, false, &mut title);
        if needle_every > 0 && i % needle_every == needle_every / 2 {
            if let Some(nd) = &needle {
                title.push(' ');
                title.push_str(nd);
            }
        }
        // Length varies +-50% about the mean.
        let len = (words / 2 + rng.below(words.max(1) + 1)) as usize;
        if html > 0 {
            body.push_str("<p>");
        }
        vocab.text(&mut rng, len.max(1), true, &mut body);
        if html > 0 {
            body.push_str("</p>");
        }
        let mut id = String::with_capacity(15);
        let mut idrng = Rng::new(seed ^ 0xABCD_0000 ^ (i << 20));
        for _ in 0..15 {
            const A: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
            id.push(A[idrng.below(36) as usize] as char);
        }
        let views = rng.below(10_000);
        let public = rng.below(2) == 1;
        let author = rng.below(authors.max(1));
        // The text holds only [A-Za-z .<>/p], so no JSON escaping is needed.
        writeln!(
            out,
            "{{\"i\":{i},\"id\":\"{id}\",\"title\":\"{title}\",\"body\":\"{body}\",\"views\":{views},\"public\":{public},\"author\":{author}}}"
        )
        .expect("write");
    }
    out.flush().expect("flush");
}
