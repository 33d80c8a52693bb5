namespace MLNetRecExt.Shop.Tests;

/// <summary>The stories on a shop with a SQLite file, as it is started first.</summary>
[Collection(ShopFixture.Collection)]
public sealed class SqliteShopTests(ShopFixture fixture) : ShopStories(fixture)
{
    [BrowserFact]
    public Task FrontPage_AfterAClick_FitsTheClick() => ANewVisitorClicks_TheNextPageFitsTheClick();

    [BrowserFact]
    public Task Buy_KnownCustomer_OrderIsKeptAndIsAReason() => ACustomerBuys_TheOrderIsKeptAndIsAReason();

    [BrowserFact]
    public Task Train_UnderLoad_PagesChangeToTheNewModelAndNoneFails() => TheOperatorTrainsUnderLoad_PagesChangeToTheNewModelAndNoneFails();
}
