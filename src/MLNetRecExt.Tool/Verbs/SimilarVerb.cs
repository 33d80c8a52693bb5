using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Prints which items are like one.</summary>
internal sealed class SimilarVerb : ModelVerb
{
    private readonly Option<string> _item = new("--item", "-i") { Description = "Id of an item.", Required = true };
    private readonly Option<int> _count = new("--count", "-n") { Description = "Length of the list.", DefaultValueFactory = _ => 10 };

    public SimilarVerb()
        : base("similar", "Print the items that a model finds most like one.", "mlrec similar best.model --item 50 --count 5")
    {
        Add(_item);
        Add(_count);
        Add(Configuration);
    }

    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var item = Find(model.Items, arguments.GetValue(_item)!, "item");
        return Task.FromResult(List(model, model.SimilarItems(item, arguments.GetValue(_count)), arguments));
    }
}
