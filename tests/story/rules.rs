//! Rule packs: which are in force is never a guess.

use crate::harness::Deployment;

stories!(other_packs_leave_an_entry_and_the_same_none);

async fn other_packs_leave_an_entry_and_the_same_none(site: &mut Deployment) {
    assert_eq!(site.export().await.count("rules.activated"), 1, "with the tenant");
    site.stop().await;
    site.restart().await;
    assert_eq!(site.export().await.count("rules.activated"), 1, "the same packs again");
    // As if an older program with other packs had run here before.
    let sql = "UPDATE rule_pack SET body = 'house@0 0000'";
    assert_eq!(site.app().store().tamper(sql).await.unwrap(), 1);
    site.stop().await;
    site.restart().await;
    let export = site.export().await;
    assert_eq!(export.count("rules.activated"), 2);
    export.holds();
}
