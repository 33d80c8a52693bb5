using System.Net;

namespace MLNetRecExt.Shop.Tests;

/// <summary>What a request cannot do.</summary>
[Collection(ShopFixture.Collection)]
public sealed class RequestTests(ShopFixture fixture)
{
    private const string Product = "/product/bowl-norrland-sage", Script = "<script>alert(1)</script>";

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("11")]
    [InlineData("99999999999999999999")]
    [InlineData("1.5")]
    [InlineData("")]
    [InlineData("1; DROP TABLE order_lines")]
    [InlineData(Script)]
    public async Task Buy_BadQuantity_IsRefusedAndNothingOrdered(string quantity)
    {
        using var client = new ShopClient(fixture.Shop.Address);

        var (status, text) = await client.PostAsync(Product, Product, ("Quantity", quantity));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("data-testid=\"errors\"", text);
        Assert.DoesNotContain(Script, text);
        Assert.Contains("You bought nothing yet", (await client.GetAsync("/account")).Text);
    }

    [Fact]
    public async Task Buy_WithoutToken_IsRefusedAndNothingOrdered()
    {
        using var client = new ShopClient(fixture.Shop.Address);
        await client.GetAsync(Product);

        var (status, text) = await client.PostAsync(Product, from: null, ("Quantity", "1"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("That did not work", text);
        Assert.Contains("You bought nothing yet", (await client.GetAsync("/account")).Text);
    }

    [Fact]
    public async Task Buy_TokenOfAnother_IsRefused()
    {
        using var client = new ShopClient(fixture.Shop.Address);
        using var other = new ShopClient(fixture.Shop.Address);
        await client.GetAsync(Product);
        var (_, page) = await other.GetAsync(Product);
        var token = page.Split("__RequestVerificationToken")[1].Split("value=\"")[1].Split('"')[0];

        var (status, _) = await client.PostAsync(Product, from: null, ("Quantity", "1"), ("__RequestVerificationToken", token));

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Theory]
    [InlineData("/product/no-such-thing")]
    [InlineData("/product/'; DROP TABLE products; --")]
    [InlineData("/product/%3Cscript%3Ealert(1)%3C/script%3E")]
    [InlineData("/product/..%2F..%2Fappsettings.json")]
    [InlineData("/appsettings.json")]
    [InlineData("/../shop.db")]
    [InlineData("/data/shop.db")]
    [InlineData("/thanks/no-such-thing")]
    [InlineData("/products?category=no-such-thing")]
    public async Task Get_WhatIsNotThere_Says404(string path)
    {
        using var client = new ShopClient(fixture.Shop.Address);

        var (status, text) = await client.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.DoesNotContain(Script, text);
    }

    [Theory]
    [InlineData(Product + "?list=" + Script)]
    [InlineData(Product + "?at=0")]
    [InlineData(Product + "?at=99999999999")]
    [InlineData("/products?p=many")]
    public async Task Get_BadParameter_Says400(string path)
    {
        using var client = new ShopClient(fixture.Shop.Address);

        var (status, text) = await client.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.DoesNotContain(Script, text);
    }

    [Fact]
    public async Task Search_Script_IsShownEncoded()
    {
        using var client = new ShopClient(fixture.Shop.Address);

        var (status, text) = await client.GetAsync($"/products?q={Uri.EscapeDataString(Script)}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain(Script, text);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", text);
    }

    [Fact]
    public async Task Get_CookieMadeUp_IsSomebodyNew()
    {
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = fixture.Shop.Address };
        http.DefaultRequestHeaders.Add("Cookie", ".AspNetCore.Cookies=1");

        Assert.Contains("New here?", await http.GetStringAsync("/"));
    }

    [Theory]
    [InlineData("/api/users/1/recommendations")]
    [InlineData("/api/users/1/explain/bowl-norrland-sage")]
    [InlineData("/api/model")]
    [InlineData("/recommender")]
    public async Task Get_WithoutOperatorsRole_IsRefused(string path)
    {
        using var client = new ShopClient(fixture.Shop.Address);
        await client.GetAsync("/");

        var (status, _) = await client.GetAsync(path);

        Assert.Contains(status, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.Found });
    }

    [Fact]
    public async Task Operator_WrongKeyOrTrainingWithoutOne_IsRefused()
    {
        using var client = new ShopClient(fixture.Shop.Address);

        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("/operator?handler=SignIn", "/operator", ("Key", "guess"))).Status);
        Assert.Equal(HttpStatusCode.Found, (await client.PostAsync("/operator?handler=Train", "/operator")).Status);
        Assert.DoesNotContain("data-testid=\"train\"", (await client.GetAsync("/operator")).Text);
    }

    [Fact]
    public async Task Operator_RightKey_GetsApiAndIsSentOnlyToPagesOfTheShop()
    {
        using var client = new ShopClient(fixture.Shop.Address);
        var (status, _) = await client.PostAsync("/operator?handler=SignIn&ReturnUrl=https://example.com", "/operator", ("Key", "operator"));
        Assert.Equal(HttpStatusCode.Found, status);

        var unknown = await client.GetAsync("/api/users/999999999/recommendations");
        Assert.Equal(HttpStatusCode.OK, unknown.Status);
        Assert.Contains("\"Popularity\"", unknown.Text);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/users/1/explain/bowl-norrland-sage")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/recommender")).Status);
    }

    [Fact]
    public async Task Health_AndOpenApi_Answer()
    {
        using var client = new ShopClient(fixture.Shop.Address);

        Assert.Equal((HttpStatusCode.OK, "Healthy"), await client.GetAsync("/health"));
        Assert.Contains("/api/users/{user}/recommendations", (await client.GetAsync("/openapi/v1.json")).Text);
    }

    [Fact]
    public async Task Production_WithoutKey_LetsNobodyInAndShowsNoCustomers()
    {
        await using var shop = await ShopProcess.StartAsync(fixture.Folder, ("ASPNETCORE_ENVIRONMENT", "Production"));
        using var client = new ShopClient(shop.Address);

        foreach (var key in new[] { "operator", "" })
            Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("/operator?handler=SignIn", "/operator", ("Key", key))).Status);
        Assert.DoesNotContain("data-testid=\"customer\"", (await client.GetAsync("/account")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsync("/account", "/operator", ("customer", "1"))).Status);
        Assert.Contains("/shop.", (await client.GetAsync("/")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/openapi/v1.json")).Status);
    }
}
