//! What the walks cannot know: the files' addresses are those that programs of others ask for.

use super::SERVICE;

#[test]
fn the_files_lie_where_tlog_tiles_says() {
    let paths: Vec<_> = SERVICE.all_routes().map(|route| route.path).collect();
    for path in ["/log/checkpoint", "/log/cosigned", "/log/vkey", "/log/tile/{*place}"] {
        assert!(paths.contains(&path), "{path}");
    }
    assert!(
        SERVICE.all_routes().all(|route| route.method() == "GET"),
        "nothing here changes anything"
    );
}
