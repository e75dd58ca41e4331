//! A deterministic photograph-like JPEG: smooth gradients, soft blobs and a little grain.
use crate::{fail, gen::Rng, Args};

pub fn run(args: &Args) {
    let (w, h): (u16, u16) = (args.num("width", 1600), args.num("height", 1200));
    let mut rng = Rng::new(args.num("seed", 1));
    let blobs: Vec<(f32, f32, f32, [f32; 3])> = (0..24)
        .map(|_| {
            let c = [rng.unit() as f32, rng.unit() as f32, rng.unit() as f32];
            let r = 60.0 + 300.0 * rng.unit() as f32;
            (rng.unit() as f32 * w as f32, rng.unit() as f32 * h as f32, r * r, c)
        })
        .collect();
    let mut px = Vec::with_capacity(w as usize * h as usize * 3);
    for y in 0..h {
        for x in 0..w {
            let mut c = [x as f32 / w as f32, y as f32 / h as f32, 0.4];
            for (bx, by, r2, bc) in &blobs {
                let d = ((x as f32 - bx).powi(2) + (y as f32 - by).powi(2)) / r2;
                if d < 1.0 {
                    let k = (1.0 - d) * 0.5;
                    for i in 0..3 {
                        c[i] += (bc[i] - c[i]) * k;
                    }
                }
            }
            let grain = (rng.next() & 15) as f32 - 8.0;
            px.extend(c.map(|v| (v * 240.0 + grain).clamp(0.0, 255.0) as u8));
        }
    }
    let enc = jpeg_encoder::Encoder::new_file(args.str("out"), 85).unwrap_or_else(|e| fail(&e.to_string()));
    enc.encode(&px, w, h, jpeg_encoder::ColorType::Rgb).unwrap_or_else(|e| fail(&e.to_string()));
}
