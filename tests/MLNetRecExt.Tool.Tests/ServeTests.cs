using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace MLNetRecExt.Tool.Tests;

[Collection(ModelCollection.Name)]
public sealed class ServeTests(ModelFolder trained)
{
    [Fact]
    public async Task Serve_Model_AnswersThisMachineUntilItIsToldToStop()
    {
        using var process = trained.Folder.Start("serve", "shop.model", "--port", "0", "--json");
        var url = JsonDocument.Parse((await process.StandardOutput.ReadLineAsync())!).RootElement.GetProperty("url").GetString()!;
        using var client = new HttpClient { BaseAddress = new(url) };

        var answer = JsonDocument.Parse(await client.GetStringAsync("/api/users/42/recommendations?count=5")).RootElement;
        var expected = trained.Model.TopItems(RecommenderQuery.ForUser(trained.Model.Users.IndexOf("42")), 5);
        Assert.Equal(
            expected.Select(entry => trained.Model.Items.GetText(entry.Item)),
            answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        Assert.Contains("Film ", await client.GetStringAsync("/recommender/user?id=42"));
        Assert.Equal("Healthy", await client.GetStringAsync("/health"));
        Assert.Contains("ItemKnn", await client.GetStringAsync("/api/model"));
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/api/model") { Headers = { Host = "elsewhere.example" } };
        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(foreign)).StatusCode);

        Assert.Equal(0, await EndAsync(process));
    }

    [Fact]
    public async Task Serve_Demo_ShowsTitlesOfAMadeUpClub()
    {
        using var process = trained.Folder.Start("serve", "--demo", "--port", "0", "--json");
        var page = JsonDocument.Parse((await process.StandardOutput.ReadLineAsync())!).RootElement.GetProperty("page").GetString()!;
        using var client = new HttpClient();

        Assert.Contains("Recommended", await client.GetStringAsync($"{page}/user?id=42"));

        Assert.Equal(0, await EndAsync(process));
    }

    [Theory]
    [InlineData("There is no model no.model", "serve", "no.model")]
    [InlineData("either a model or --demo", "serve")]
    [InlineData("--port must be 0 to 65535", "serve", "shop.model", "--port", "70000")]
    public void Serve_WrongArguments_SaysInOneLineWhatIsWrong(string expected, params string[] arguments) =>
        Assert.Contains(expected, trained.Folder.RunBadly(arguments));

    /// <summary>Asks a process to end, as a service manager does.</summary>
    private static async Task<int> EndAsync(Process process)
    {
        if (OperatingSystem.IsWindows())
        {
            process.Kill();
            return 0;
        }
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
