using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MLNetRecExt;
using MLNetRecExt.Testing;
using MLNetRecExt.Tests.Examples;

namespace Outside;

/// <summary>A kind of models that the library has never heard of.</summary>
public class RandomProjectionTrainerTests : RecommenderConformance<RandomProjectionModel, RandomProjectionTrainer.Options>
{
    private readonly MLContext _ml = new(1);

    public static TheoryData<string> Names => [.. Checks];

    [Theory, MemberData(nameof(Names))]
    public void Conforms(string check) => Run(check);

    protected override RandomProjectionTrainer.Options Options() => new();

    protected override RandomProjectionTrainer Trainer(MLContext ml, RandomProjectionTrainer.Options options) => new(ml, options);

    [Fact]
    public void SimilarItems_LoadedModel_AreThoseOfTheSameColour()
    {
        using var stream = new MemoryStream();
        Train(Board()).Save(stream);
        stream.Position = 0;

        var model = Assert.IsType<RandomProjectionModel>(RecommenderModel.Load(stream));

        for (int item = 0; item < model.Items.Count; item++)
            Assert.All(model.SimilarItems(item, 5), similar => Assert.Equal(item % 2, similar.Item % 2));
    }

    [Fact]
    public void SaveAsOnnx_ItemEmbedding_GivesTheModelsEmbeddings()
    {
        using var files = new TemporaryFiles();
        var model = Trainer(_ml, Options()).Fit(Checkerboard.Text(_ml)).Model;

        model.SaveAsOnnx(files.PathOf("model.onnx"), OnnxForm.ItemEmbedding);

        using var session = new InferenceSession(files.PathOf("model.onnx"));
        string[] ids = [.. Enumerable.Range(0, Checkerboard.Size).Select(Checkerboard.ItemName)];
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], new DenseTensor<string>(ids, [ids.Length, 1]))]);
        Assert.Equal(ids.SelectMany(id => model.ItemFactors(model.Items.IndexOf(id)).ToArray()), results[0].AsTensor<float>());
    }

    [Theory]
    [InlineData("score")]
    [InlineData("native")]
    public void Load_FreshProcess_NeedsTheAssemblyOfTheKindRegistered(string kind)
    {
        using var files = new TemporaryFiles();
        var view = Checkerboard.Text(_ml);
        var trained = Trainer(_ml, Options()).Fit(view);
        trained.Model.Save(files.PathOf("native"));
        _ml.Model.Save(trained, view.Schema, files.PathOf("score"));

        var without = Load();
        var with = Load(typeof(RandomProjectionModel).Assembly.Location);

        Assert.NotEqual(0, without.ExitCode);
        Assert.Contains("RegisterAssembly", without.Error);
        Assert.True(with.ExitCode == 0, with.Error);
        var score = trained.Model.Score(trained.Model.Users.IndexOf("user 3"), trained.Model.Items.IndexOf("item 5"));
        Assert.Contains($"user 3\titem 5\t{BitConverter.SingleToInt32Bits(score)}", with.Output);

        (int ExitCode, string Output, string Error) Load(params string[] assembly) =>
            ExampleProgram.Run("MLNetRecExt.Tests.LoadModel", files.Folder, [kind, kind, $"{Checkerboard.Size}", .. assembly]);
    }
}
