using System.Text;
using MLNetRecExt.Persistence;
using MLNetRecExt.Reports;

namespace MLNetRecExt;

/// <summary>A <see cref="RunRecord"/> for people: a page to look at, and a card to keep with the model.</summary>
public static class RunReportExtensions
{
    /// <summary>Writes a report as one HTML file of about 4 MB. It needs no network, prints, is light or dark as the reader's system is,
    /// and has every figure in a table, for who has no JavaScript. A file that is there is replaced when the new one is complete.</summary>
    /// <remarks>The report has the ids and histories of <see cref="RunRecord.Users"/>: with
    /// <see cref="ExperimentOptions.SampledUsers"/> = 0 there are none in it.</remarks>
    /// <param name="record">What <see cref="Experiment.Run"/> gave, or <see cref="RunRecord.Load"/> read.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="KeyNotFoundException">A trainer of the record lacks its <see cref="RunRecord.Metric"/>: run the experiment
    /// again.</exception>
    public static void SaveHtml(this RunRecord record, string path)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(path);
        CompleteFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
            Report.Write(writer, record);
        });
    }

    /// <summary>The card of the best model as Markdown: the verdict, what it learned from, how it was judged, its options, and what to
    /// mind.</summary>
    /// <param name="record">What <see cref="Experiment.Run"/> gave, or <see cref="RunRecord.Load"/> read.</param>
    /// <returns>The text; no id of a user is in it.</returns>
    /// <exception cref="KeyNotFoundException">A trainer of the record lacks its <see cref="RunRecord.Metric"/>: run the experiment
    /// again.</exception>
    public static string ToMarkdownCard(this RunRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return MarkdownCard.Of(record);
    }
}
