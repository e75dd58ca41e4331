//! Makes sure the folder the dashboard is embedded from exists, so that the server can be worked on without building
//! the dashboard first; `make build` builds it.

fn main() {
    println!("cargo:rerun-if-changed=admin-ui/dist");
    println!("cargo:rerun-if-changed=migrations");
    if let Err(error) = std::fs::create_dir_all("admin-ui/dist") {
        println!("cargo:warning=cannot create admin-ui/dist: {error}");
    }
}
